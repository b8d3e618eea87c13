using System.Collections.Frozen;
using System.Text.Json;
using Guance.Billing.Settlement.Contracts;
using Npgsql;

namespace Guance.Billing.Workspaces;

/// <summary>The items that this site may meter, by code.</summary>
internal sealed record ItemCatalog(long Version, FrozenDictionary<string, MeteredItem> Items);

/// <summary>Keeps the catalogue that was read last, so that an ingest reads only its version.</summary>
internal sealed class ItemCatalogs
{
    private volatile ItemCatalog last = new(0, FrozenDictionary<string, MeteredItem>.Empty);

    /// <summary>The catalogue of a version that was just read, in the same transaction.</summary>
    public async Task<ItemCatalog> OfAsync(long version, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        if (last is var known && known.Version == version)
        {
            return known;
        }

        await using var command = new NpgsqlCommand("select version, items::text from workspaces.item_catalog", connection, transaction);
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        var items = JsonSerializer.Deserialize<MeteredItem[]>(row.GetString(1), JsonSerializerOptions.Web)!;
        return last = new(row.GetInt64(0), items.ToFrozenDictionary(item => item.Code, StringComparer.Ordinal));
    }
}
