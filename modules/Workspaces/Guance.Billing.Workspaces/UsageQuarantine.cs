using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Jobs;

namespace Guance.Billing.Workspaces;

/// <summary>
/// Events that could not be taken, as they came, each once, with what is wrong (rules §7: never dropped). How many of a kind wait is counted
/// beside them, for the Billing Center. Within the open transaction.
/// </summary>
internal sealed class UsageQuarantine(UnitOfWork work, ITicks ticks, TimeProvider clock)
{
    private const int NameMax = 128;

    /// <summary>Keeps the events that have a code.</summary>
    public async Task KeepAsync(UsageBatch batch, IReadOnlyList<string?> codes, CancellationToken ct)
    {
        var kept = new SortedDictionary<Guid, (string Workspace, string Item, string Code, string Event)>();
        for (var i = 0; i < codes.Count; i++)
        {
            if (codes[i] is { } code)
            {
                var source = batch.SourceOf(i);
                var (workspace, item) = Names(source);
                kept.TryAdd(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(source)).AsSpan(0, 16)), (workspace, item, code, source));
            }
        }

        if (kept.Count == 0)
        {
            return;
        }

        await using var command = work.Command(
            """
            with kept as (
                insert into workspaces.usage_quarantine (content, workspace, item, code, event, at)
                select *, $6 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
                on conflict (content) do nothing
                returning workspace, item, code
            )
            insert into workspaces.usage_quarantine_kind as kind (workspace, item, code, count, first_at, last_at, changed)
            select workspace, item, code, count(*), $6, $6, true from kept group by workspace, item, code order by workspace, item, code
            on conflict (workspace, item, code) do update set
                count = kind.count + excluded.count, last_at = excluded.last_at, changed = true,
                first_at = case when kind.count = 0 then excluded.first_at else kind.first_at end
            """,
            kept.Keys.ToArray(), kept.Values.Select(e => e.Workspace).ToArray(), kept.Values.Select(e => e.Item).ToArray(),
            kept.Values.Select(e => e.Code).ToArray(), kept.Values.Select(e => e.Event).ToArray(), clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(ct);
        Tell();
    }

    /// <summary>The events that wait after a position and fit the filters, oldest first, locked: at most as many as one batch, and not much text.</summary>
    public async Task<IReadOnlyList<(long Id, string Event)>> WaitingAsync(string? code, string? workspace, long after, CancellationToken ct)
    {
        await using var command = work.Command(
            """
            with waiting as (
                select id, event from workspaces.usage_quarantine
                where state = 'waiting' and id > $3 and ($1::text is null or code = $1) and ($2::text is null or workspace = $2)
                order by id limit $4 for update
            )
            select id, event from (select id, event, sum(octet_length(event)) over (order by id) - octet_length(event) as before from waiting) w
            where before < 8 << 20 order by id
            """,
            (object?)code ?? DBNull.Value, (object?)workspace ?? DBNull.Value, after, UsageBatch.EventsMax);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var waiting = new List<(long, string)>();
        while (await rows.ReadAsync(ct))
        {
            waiting.Add((rows.GetInt64(0), rows.GetString(1)));
        }

        return waiting;
    }

    /// <summary>Settles events that wait: taken, discarded with a reason, or waiting still, for what is wrong with them now.</summary>
    /// <param name="ids">The events.</param>
    /// <param name="states"><c>taken</c>, <c>discarded</c> or <c>waiting</c>.</param>
    /// <param name="codes">What is wrong now; null leaves it.</param>
    /// <param name="by">Who settles it.</param>
    /// <param name="reason">Why, where it is discarded.</param>
    /// <param name="ct">Cancels.</param>
    public async Task SettleAsync(long[] ids, string[] states, string?[] codes, string by, string? reason, CancellationToken ct)
    {
        // The kinds first, in order and locked: an ingest that adds to one waits, and one that has added to it is counted.
        await using var settle = work.Command(
            """
            with settled as (
                select q.id, q.workspace, q.item, q.code, s.state, coalesce(s.code, q.code) as now
                from unnest($1::bigint[], $2::text[], $3::text[]) as s(id, state, code) join workspaces.usage_quarantine q on q.id = s.id
                where q.state = 'waiting' and (s.state <> 'waiting' or s.code <> q.code)
            ), kinds as (
                insert into workspaces.usage_quarantine_kind as kind (workspace, item, code, count, first_at, last_at, changed)
                select distinct workspace, item, code, 0, $4::timestamptz, $4::timestamptz, true
                from (select workspace, item, code from settled union select workspace, item, now from settled) k order by workspace, item, code
                on conflict (workspace, item, code) do update set changed = true
            )
            update workspaces.usage_quarantine q
            set state = s.state, code = s.now,
                settled_at = case when s.state = 'waiting' then null else $4 end, settled_by = case when s.state = 'waiting' then null else $5 end,
                reason = case when s.state = 'waiting' then null else $6::text end
            from settled s where q.id = s.id
            """,
            ids, states, codes, clock.GetUtcNow(), by, (object?)reason ?? DBNull.Value);
        if (await settle.ExecuteNonQueryAsync(ct) == 0)
        {
            return;
        }

        await using var count = work.Command(
            """
            update workspaces.usage_quarantine_kind kind
            set count = now.count, first_at = coalesce(now.first_at, kind.first_at), last_at = coalesce(now.last_at, kind.last_at)
            from (
                select k.workspace, k.item, k.code, count(q.id), min(q.at) as first_at, max(q.at) as last_at
                from (
                    select distinct q.workspace, q.item, c.code
                    from workspaces.usage_quarantine q
                    join workspaces.usage_quarantine_kind c on c.workspace = q.workspace and c.item = q.item and c.changed
                    where q.id = any($1)
                ) k
                left join workspaces.usage_quarantine q on q.workspace = k.workspace and q.item = k.item and q.code = k.code and q.state = 'waiting'
                group by k.workspace, k.item, k.code
            ) now
            where kind.workspace = now.workspace and kind.item = now.item and kind.code = now.code
            """,
            ids);
        await count.ExecuteNonQueryAsync(ct);
        Tell();
    }

    private void Tell() => work.AfterCommit(() => ticks.Poke(TellUsageJob.Id));

    /// <summary>The workspace and the item as the event names them, as far as the database can keep that.</summary>
    private static (string Workspace, string Item) Names(string source)
    {
        using var e = JsonDocument.Parse(source);
        return (Name("workspaceId"), Name("item"));

        string Name(string field)
        {
            try
            {
                var name = e.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String
                    ? value.GetString()!.Replace("\0", "", StringComparison.Ordinal)
                    : "";
                return name.Length > NameMax ? name[..NameMax].TrimEnd(HighSurrogates) : name;
            }
            catch (InvalidOperationException)
            {
                return "";
            }
        }
    }

    private static readonly char[] HighSurrogates = [.. Enumerable.Range(0xD800, 0x400).Select(c => (char)c)];
}
