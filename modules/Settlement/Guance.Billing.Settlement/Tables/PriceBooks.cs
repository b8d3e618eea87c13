using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.Tables;

/// <summary>The versions of the price book as they are kept: each whole.</summary>
internal static class PriceBooks
{
    /// <summary>Versions, newest first.</summary>
    public static async Task<IReadOnlyList<PriceBookVersion>> VersionsAsync(NpgsqlConnection connection, int below, int count, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(
            "select version, published_at, published_by from settlement.price_book_version where version < $1 order by version desc limit $2", connection);
        read.Parameters.Add(new() { Value = below });
        read.Parameters.Add(new() { Value = count });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var versions = new List<PriceBookVersion>();
        while (await rows.ReadAsync(ct))
        {
            versions.Add(new(rows.GetInt32(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetString(2)));
        }

        return versions;
    }

    /// <summary>The newest version below a number; null if there is none.</summary>
    public static async Task<PriceBookVersion?> NewestAsync(NpgsqlConnection connection, int below, CancellationToken ct) =>
        await VersionsAsync(connection, below, 1, ct) is [var newest] ? newest : null;

    public static async Task<IReadOnlyList<Price>> PricesAsync(NpgsqlConnection connection, int version, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(
            """
            select item, aggregation, unit, unit_quantity, retention_days, currency, region, price, effective_from from settlement.price
            where version = $1 order by item, currency, region, retention_days, effective_from
            """,
            connection);
        read.Parameters.Add(new() { Value = version });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var prices = new List<Price>();
        while (await rows.ReadAsync(ct))
        {
            prices.Add(new(
                rows.GetString(0), rows.GetString(1) == "sum" ? ItemAggregation.Sum : ItemAggregation.Max, rows.GetString(2), rows.GetDecimal(3), rows.GetInt32(4),
                rows.GetString(5), rows.GetString(6), rows.GetDecimal(7), rows.GetFieldValue<DateOnly>(8)));
        }

        return prices;
    }

    /// <summary>A price as it is shown.</summary>
    public static PriceView View(Price price) => new(
        price.Item, price.Aggregation is ItemAggregation.Sum ? "sum" : "max", price.Unit, price.UnitQuantity, price.RetentionDays == 0 ? null : price.RetentionDays,
        price.Currency, price.Region, new(price.Amount, Currency.Of(price.Currency)), price.EffectiveFrom);

    public static async Task AddAsync(NpgsqlConnection connection, PriceBookVersion version, IReadOnlyList<Price> prices, CancellationToken ct)
    {
        await using var add = new NpgsqlCommand(
            """
            with added as (insert into settlement.price_book_version (version, published_at, published_by) values (@version, @at, @by))
            insert into settlement.price (version, item, aggregation, unit, unit_quantity, retention_days, currency, region, price, effective_from)
            select @version, * from unnest(@item, @aggregation, @unit, @unit_quantity, @retention_days, @currency, @region, @price, @effective_from)
            """,
            connection);
        add.Parameters.AddWithValue("version", version.Version);
        add.Parameters.AddWithValue("at", version.PublishedAt);
        add.Parameters.AddWithValue("by", version.PublishedBy);
        add.Parameters.AddWithValue("item", prices.Select(price => price.Item).ToArray());
        add.Parameters.AddWithValue("aggregation", prices.Select(price => price.Aggregation is ItemAggregation.Sum ? "sum" : "max").ToArray());
        add.Parameters.AddWithValue("unit", prices.Select(price => price.Unit).ToArray());
        add.Parameters.AddWithValue("unit_quantity", NpgsqlDbType.Array | NpgsqlDbType.Numeric, prices.Select(price => price.UnitQuantity).ToArray());
        add.Parameters.AddWithValue("retention_days", prices.Select(price => price.RetentionDays).ToArray());
        add.Parameters.AddWithValue("currency", prices.Select(price => price.Currency).ToArray());
        add.Parameters.AddWithValue("region", prices.Select(price => price.Region).ToArray());
        add.Parameters.AddWithValue("price", NpgsqlDbType.Array | NpgsqlDbType.Numeric, prices.Select(price => price.Amount).ToArray());
        add.Parameters.AddWithValue("effective_from", prices.Select(price => price.EffectiveFrom).ToArray());
        await add.ExecuteNonQueryAsync(ct);
    }
}
