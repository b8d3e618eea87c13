using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Jobs;

namespace Guance.Billing.Workspaces;

/// <summary>An instant at which a workspace's payer may have changed: usage before it and from it on are told apart.</summary>
internal readonly record struct UsageCut(Guid Workspace, DateTime At);

/// <summary>
/// Cuts hours of workspaces where their payer changed (rules §4). What was counted into such an hour already is counted again from its events,
/// into the hour's parts; a part that has lost all its usage stays with 0. Within the open transaction.
/// </summary>
internal sealed class UsageCuts(UnitOfWork work, ITicks ticks)
{
    /// <summary>Adds nothing to totals, and has them told.</summary>
    private const string ToTellSql =
        """

        insert into workspaces.usage_pending (cells, workspaces, hours, items, retentions, parts, are_gauges, quantities)
        select count(*), array_agg(workspace), array_agg(hour), array_agg(item), array_agg(retention_days), array_agg(part_from), array_agg(is_gauge),
            array_fill(0::numeric, array[count(*)::int])
        """;

    /// <summary>Cuts that are known change nothing.</summary>
    public async Task CutAsync(IReadOnlyCollection<UsageCut> cuts, CancellationToken ct)
    {
        if (cuts.Count == 0)
        {
            return;
        }

        // Waits for ingests under way and keeps new ones out until this is committed: they either have counted already, or will know the cuts.
        await using (var alone = work.Command("select pg_advisory_xact_lock($1)", UsageTables.CutsLock))
        {
            await alone.ExecuteNonQueryAsync(ct);
        }

        var cut = await NewAsync(cuts, ct);
        if (cut.Count == 0)
        {
            return;
        }

        // What was added before the cut is in the totals, so that they can be counted again from the events, all of them.
        await using (var count = work.Command(UsageTables.AloneSql))
        {
            await count.ExecuteNonQueryAsync(ct);
        }

        await using (var count = work.Command(UsageTables.CountSql + ToTellSql + " from counted having count(*) > 0", long.MaxValue, int.MaxValue))
        {
            await count.ExecuteNonQueryAsync(ct);
        }

        foreach (var hour in cut.GroupBy(one => one.Hour))
        {
            await RecountAsync(hour.Key, [.. hour.Select(one => one.Workspace).Distinct()], ct);
        }
    }

    private async Task<IReadOnlyList<(Guid Workspace, DateTime Hour)>> NewAsync(IReadOnlyCollection<UsageCut> cuts, CancellationToken ct)
    {
        await using var command = work.Command(
            """
            insert into workspaces.usage_cut (workspace, at) select * from unnest($1::uuid[], $2::timestamptz[]) on conflict do nothing
            returning workspace, date_trunc('hour', at, 'UTC')
            """,
            cuts.Select(cut => cut.Workspace).ToArray(), cuts.Select(cut => cut.At).ToArray());
        await using var rows = await command.ExecuteReaderAsync(ct);
        var hours = new List<(Guid, DateTime)>();
        while (await rows.ReadAsync(ct))
        {
            hours.Add((rows.GetGuid(0), rows.GetDateTime(1)));
        }

        return hours;
    }

    /// <summary>
    /// Counts the hour of these workspaces again: one pass over the events of that time, and none at all where nothing was counted yet, as is
    /// usual.
    /// </summary>
    private async Task RecountAsync(DateTime hour, Guid[] workspaces, CancellationToken ct)
    {
        await using (var counted = work.Command("select exists (select from workspaces.usage_hour where hour = $1 and workspace = any($2))", hour, workspaces))
        {
            if (await counted.ExecuteScalarAsync(ct) is false)
            {
                return;
            }
        }

        await using var recount = work.Command(
            """
            with start as (
                select w as workspace, $1 as at from unnest($2::uuid[]) w
                union
                select workspace, at from workspaces.usage_cut where at > $1 and at < $1 + interval '1 hour' and workspace = any($2)
            ), part as (
                select workspace, at as part_from, lead(at, 1, $1 + interval '1 hour') over (partition by workspace order by at) as part_to from start
            ), kind as (
                select distinct workspace, item, retention_days, is_gauge from workspaces.usage_hour where hour = $1 and workspace = any($2)
            ), used as (
                select p.workspace, p.part_from, e.item, e.retention_days, sum(e.quantity) as total, max(e.quantity) as highest
                from workspaces.usage_batch b, unnest(b.workspaces, b.times, b.quantities, b.retentions, b.items)
                    as e(workspace, time, quantity, retention_days, item)
                join part p on p.workspace = e.workspace and e.time >= p.part_from and e.time < p.part_to
                where b.hour = $1 and e.workspace = any($2)
                group by 1, 2, 3, 4
            ), recounted as (
                insert into workspaces.usage_hour (workspace, hour, item, retention_days, part_from, is_gauge, quantity)
                select p.workspace, $1, k.item, k.retention_days, p.part_from, k.is_gauge,
                    coalesce(case when k.is_gauge then u.highest else u.total end, 0)
                from part p
                join kind k on k.workspace = p.workspace
                left join used u on u.workspace = p.workspace and u.part_from = p.part_from and u.item = k.item and u.retention_days = k.retention_days
                where u.workspace is not null
                    or exists (
                        select from workspaces.usage_hour h
                        where h.workspace = p.workspace and h.hour = $1 and h.item = k.item and h.retention_days = k.retention_days and h.part_from = p.part_from)
                on conflict (workspace, hour, item, retention_days, part_from) do update set quantity = excluded.quantity
                returning *
            )
            """ + ToTellSql + " from recounted having count(*) > 0",
            hour, workspaces);
        await recount.ExecuteNonQueryAsync(ct);
        work.AfterCommit(() => ticks.Poke(TellUsageJob.Id));
    }
}
