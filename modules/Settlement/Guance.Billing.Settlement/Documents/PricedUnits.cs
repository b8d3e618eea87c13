using Npgsql;

namespace Guance.Billing.Settlement.Documents;

/// <summary>What quantities of items are counted in, as the newest version of the price book that names the item says.</summary>
internal sealed record PricedUnit(string Unit, bool IsGauge)
{
    public static async Task<IReadOnlyDictionary<string, PricedUnit>> AllAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand("select distinct on (item) item, unit, aggregation = 'max' from settlement.price order by item, version desc", connection);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var units = new Dictionary<string, PricedUnit>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            units.Add(rows.GetString(0), new(rows.GetString(1), rows.GetBoolean(2)));
        }

        return units;
    }
}
