using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Domain;
using Npgsql;

namespace Guance.Billing.Workspaces;

/// <summary>A total: what a workspace used of an item in a part of an hour.</summary>
internal readonly record struct UsageCell(Guid Workspace, DateTime Hour, string Item, int Retention, DateTime PartFrom);

/// <summary>What an ingest must know: read after its lock, so that nothing can be cut unseen.</summary>
internal sealed record UsageFacts(
    long? CatalogVersion,
    IReadOnlyDictionary<Guid, UsageWindow> Workspaces,
    ILookup<Guid, DateTime> Cuts);

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

    private const string KnownSql = "select key, content from workspaces.usage_key where key = any($1)";

    /// <summary>No "on conflict": it costs as much again. Who meets a known key starts again, and then reads which are known.</summary>
    public const string KeysSql = "insert into workspaces.usage_key (key, content) select * from unnest($1::uuid[], $2::bigint[])";

    public const string EventsSql =
        """
        insert into workspaces.usage_batch (hour, workspaces, times, quantities, retentions, items, event_ids)
        values ($1::timestamptz, $2::uuid[], $3::timestamptz[], $4::numeric[], $5::int[], $6::text[], $7::text[])
        """;

    public const string PendingSql =
        """
        insert into workspaces.usage_pending (cells, workspaces, hours, items, retentions, parts, are_gauges, quantities)
        values (cardinality($1::uuid[]), $1, $2::timestamptz[], $3::text[], $4::int[], $5::timestamptz[], $6::bool[], $7::numeric[])
        """;

    /// <summary>
    /// Counts what is pending into the totals: the part of a statement that takes up to so many cells and requests, as
    /// <c>counted</c> (the totals as they are then) and <c>taken</c>. Only for who holds the lock of <see cref="AloneSql"/>.
    /// </summary>
    public const string CountSql =
        """
        with taken as (
            delete from workspaces.usage_pending where id in (
                select id from (
                    select id, sum(cells) over (order by id) - cells as before
                    from (select id, cells from workspaces.usage_pending order by id limit $2) next
                ) counted
                where before < $1)
            returning *
        ), counted as (
            insert into workspaces.usage_hour as total (workspace, hour, item, retention_days, part_from, is_gauge, quantity)
            select c.workspace, c.hour, c.item, c.retention_days, c.part_from, bool_or(c.is_gauge), case when bool_or(c.is_gauge) then max(c.quantity) else sum(c.quantity) end
            from taken t, unnest(t.workspaces, t.hours, t.items, t.retentions, t.parts, t.are_gauges, t.quantities)
                as c(workspace, hour, item, retention_days, part_from, is_gauge, quantity)
            group by 1, 2, 3, 4, 5
            on conflict (workspace, hour, item, retention_days, part_from) do update
            set quantity = case when total.is_gauge then greatest(total.quantity, excluded.quantity) else total.quantity + excluded.quantity end
            returning *
        )
        """;

    /// <summary>Of those who count and tell there is one at a time.</summary>
    public const string AloneSql = "select version, through from workspaces.usage_telling for update";

    /// <summary>Taken shared by who adds events, and alone by who cuts hours: neither works on what the other has not seen.</summary>
    public static readonly long CutsLock = Ids.LockKey("workspaces.usage-cuts");

    public async Task<UsageFacts> ReadAsync(Guid[] workspaces, DateTime from, DateTime to, CancellationToken ct)
    {
        await using var batch = Batch(
            Command(LockSql, Of(CutsLock)),
            Command(CatalogSql),
            Command(CutsSql, Of(from), Of(to), Of(workspaces)),
            Command(WindowsSql, Of(Array.ConvertAll(workspaces, TextOf))));
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

        return new(version, windows, cuts.ToLookup(cut => cut.Workspace, cut => cut.At));
    }

    /// <summary>Those keys that are known, and the hash of their content.</summary>
    public async Task<IReadOnlyDictionary<Guid, long>> KnownAsync(Guid[] keys, CancellationToken ct)
    {
        await using var command = work.Command(KnownSql, keys);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var known = new Dictionary<Guid, long>();
        while (await rows.ReadAsync(ct))
        {
            known.Add(rows.GetGuid(0), rows.GetInt64(1));
        }

        return known;
    }

    /// <summary>Writes events that are not known, and what they add to the totals.</summary>
    public async Task WriteAsync(List<Guid> keys, List<long> contents, IReadOnlyCollection<EventColumns> hours, CellColumns cells, CancellationToken ct)
    {
        await using var batch = Batch(
            Command(KeysSql, Of(keys), Of(contents)),
            Command(
                PendingSql, Of(cells.Workspaces), Of(cells.Hours), Of(cells.Items), Of(cells.Retentions), Of(cells.Parts), Of(cells.AreGauges), Of(cells.Quantities)));
        foreach (var events in hours)
        {
            batch.BatchCommands.Add(Command(
                EventsSql, Of(events.Hour), Of(events.Workspaces), Of(events.Times), Of(events.Quantities), Of(events.Retentions), Of(events.Items), Of(events.Ids)));
        }

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

/// <summary>Events of an hour as columns.</summary>
internal sealed class EventColumns(DateTime hour)
{
    public DateTime Hour => hour;

    public List<Guid> Workspaces { get; } = [];

    public List<DateTime> Times { get; } = [];

    public List<decimal> Quantities { get; } = [];

    public List<int> Retentions { get; } = [];

    public List<string> Items { get; } = [];

    public List<string> Ids { get; } = [];
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
