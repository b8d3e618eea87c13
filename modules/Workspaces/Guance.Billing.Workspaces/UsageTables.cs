using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Domain;
using Npgsql;

namespace Guance.Billing.Workspaces;

/// <summary>A total: what a workspace used of an item in a part of an hour.</summary>
internal readonly record struct UsageCell(Guid Workspace, DateTime Hour, string Item, int Retention, DateTime PartFrom)
{
    /// <summary>The order in which all who change totals lock them.</summary>
    public static int Compare(UsageCell one, UsageCell other) =>
        one.Workspace.CompareTo(other.Workspace) is not 0 and var byWorkspace ? byWorkspace
        : one.Hour.CompareTo(other.Hour) is not 0 and var byHour ? byHour
        : string.CompareOrdinal(one.Item, other.Item) is not 0 and var byItem ? byItem
        : one.Retention.CompareTo(other.Retention) is not 0 and var byRetention ? byRetention
        : one.PartFrom.CompareTo(other.PartFrom);
}

/// <summary>What an ingest must know: read after its lock, so that nothing can be cut unseen.</summary>
internal sealed record UsageFacts(
    long? CatalogVersion,
    IReadOnlyDictionary<Guid, UsageWindow> Workspaces,
    ILookup<Guid, DateTime> Cuts,
    IReadOnlyDictionary<Guid, long> Known);

/// <summary>
/// The statements of usage: one round trip to read, one to write, whatever the number of events.
/// </summary>
internal sealed class UsageTables(UnitOfWork work)
{
    public const string LockSql = "select pg_advisory_xact_lock_shared($1)";

    public const string CatalogSql = "select version from workspaces.item_catalog";

    public const string CutsSql = "select workspace, at from workspaces.usage_cut where at > $1 and at <= $2 and workspace = any($3)";

    public const string WindowsSql =
        """
        select id, (data ->> 'createdAt')::timestamptz, (data ->> 'bufferEndsAt')::timestamptz, (data ->> 'dissolvedAt')::timestamptz
        from workspaces.mt_doc_workspace where id = any($1)
        """;

    public const string KnownSql = "select key, content from workspaces.usage_key where key = any($1)";

    /// <summary>No "on conflict": it costs as much again. Who meets a key that came meanwhile starts again, and then knows it.</summary>
    public const string KeysSql = "insert into workspaces.usage_key (key, content) select * from unnest($1::uuid[], $2::bigint[])";

    public const string EventsSql =
        """
        insert into workspaces.usage_event (workspace, time, quantity, retention_days, item, event_id)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::numeric[], $4::int[], $5::text[], $6::text[])
        """;

    public const string CellsSql =
        """
        insert into workspaces.usage_hour as total (workspace, hour, item, retention_days, part_from, is_gauge, quantity)
        select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[], $5::timestamptz[], $6::bool[], $7::numeric[])
        on conflict (workspace, hour, item, retention_days, part_from) do update
        set quantity = case when total.is_gauge then excluded.quantity else total.quantity + excluded.quantity end
        where not total.is_gauge or excluded.quantity > total.quantity
        """;

    public const string ChangedSql =
        """
        insert into workspaces.usage_changed (cells, workspaces, hours, items, retentions, parts)
        values (cardinality($1::uuid[]), $1, $2::timestamptz[], $3::text[], $4::int[], $5::timestamptz[])
        """;

    /// <summary>Taken shared by who adds events, and alone by who cuts hours: neither works on what the other has not seen.</summary>
    public static readonly long CutsLock = Ids.LockKey("workspaces.usage-cuts");

    public async Task<UsageFacts> ReadAsync(Guid[] keys, Guid[] workspaces, DateTime from, DateTime to, CancellationToken ct)
    {
        await using var batch = Batch(
            Command(LockSql, Of(CutsLock)),
            Command(CatalogSql),
            Command(CutsSql, Of(from), Of(to), Of(workspaces)),
            Command(WindowsSql, Of(Array.ConvertAll(workspaces, TextOf))),
            Command(KnownSql, Of(keys)));
        await using var rows = await batch.ExecuteReaderAsync(ct);
        await rows.NextResultAsync(ct);
        var version = await rows.ReadAsync(ct) ? rows.GetInt64(0) : (long?)null;
        await rows.NextResultAsync(ct);
        var cuts = new List<(Guid Workspace, DateTime At)>();
        while (await rows.ReadAsync(ct))
        {
            cuts.Add((rows.GetGuid(0), rows.GetDateTime(1)));
        }

        await rows.NextResultAsync(ct);
        var windows = new Dictionary<Guid, UsageWindow>(workspaces.Length);
        while (await rows.ReadAsync(ct))
        {
            windows.Add(IdOf(rows.GetString(0)), new(Time(rows, 1), Time(rows, 2), Time(rows, 3)));
        }

        await rows.NextResultAsync(ct);
        var known = new Dictionary<Guid, long>();
        while (await rows.ReadAsync(ct))
        {
            known.Add(rows.GetGuid(0), rows.GetInt64(1));
        }

        return new(version, windows, cuts.ToLookup(cut => cut.Workspace, cut => cut.At), known);
    }

    /// <summary>Writes events that are not known, in the order of their keys, and what they add to the totals, in the totals' order.</summary>
    public async Task WriteAsync(EventColumns events, CellColumns cells, CancellationToken ct)
    {
        await using var batch = Batch(
            Command(KeysSql, Of(events.Keys), Of(events.Contents)),
            Command(EventsSql, Of(events.Workspaces), Of(events.Times), Of(events.Quantities), Of(events.Retentions), Of(events.Items), Of(events.Ids)),
            Command(
                CellsSql, Of(cells.Workspaces), Of(cells.Hours), Of(cells.Items), Of(cells.Retentions), Of(cells.Parts), Of(cells.AreGauges), Of(cells.Quantities)),
            Command(ChangedSql, Of(cells.Workspaces), Of(cells.Hours), Of(cells.Items), Of(cells.Retentions), Of(cells.Parts)));
        await batch.ExecuteNonQueryAsync(ct);
    }

    public static Guid IdOf(string workspace) => Guid.ParseExact(workspace.AsSpan(WorkspaceId.Prefix.Length), "N");

    public static string TextOf(Guid workspace) => WorkspaceId.Prefix + workspace.ToString("N");

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    private NpgsqlBatch Batch(params ReadOnlySpan<NpgsqlBatchCommand> commands)
    {
        var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }
}

/// <summary>Events as columns.</summary>
internal sealed class EventColumns(int count)
{
    public Guid[] Keys { get; } = new Guid[count];

    public long[] Contents { get; } = new long[count];

    public Guid[] Workspaces { get; } = new Guid[count];

    public DateTime[] Times { get; } = new DateTime[count];

    public decimal[] Quantities { get; } = new decimal[count];

    public int[] Retentions { get; } = new int[count];

    public string[] Items { get; } = new string[count];

    public string[] Ids { get; } = new string[count];
}

/// <summary>Totals as columns.</summary>
internal sealed class CellColumns(int count)
{
    public Guid[] Workspaces { get; } = new Guid[count];

    public DateTime[] Hours { get; } = new DateTime[count];

    public string[] Items { get; } = new string[count];

    public int[] Retentions { get; } = new int[count];

    public DateTime[] Parts { get; } = new DateTime[count];

    public bool[] AreGauges { get; } = new bool[count];

    public decimal[] Quantities { get; } = new decimal[count];
}
