using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Publishing;

namespace Guance.Billing.Workspaces.Features;

/// <summary>
/// Count what ingests added into the totals, and tell the Billing Center what has changed in them and in the quarantine; and, when nothing is
/// left to tell, that it knows all that was accepted until now.
/// </summary>
internal sealed record TellUsage : ICommand<UsageTold>;

/// <summary>What was told.</summary>
/// <param name="IsAnything">Whether there was anything to tell.</param>
/// <param name="IsMore">Whether there is more.</param>
internal readonly record struct UsageTold(bool IsAnything, bool IsMore);

internal sealed class TellUsageHandler(UnitOfWork work, FeedOutlet outlet, UsagePublisher publisher, TimeProvider clock) : ICommandHandler<TellUsage, UsageTold>
{
    /// <summary>How many cells are taken at once: an ingest's are never divided, so it may be one ingest's more.</summary>
    private const int CellsMax = 50_000;
    private const int IngestsMax = 500;
    private const int TotalsPerMessageMax = 1000;
    private const int KindsMax = 1000;
    private static readonly TimeSpan ThroughEvery = TimeSpan.FromMinutes(1);

    public async Task<UsageTold> Handle(TellUsage request, CancellationToken cancellationToken)
    {
        // One telling after another: what is told later was read later, so that the last word about a total is its newest.
        await using var last = work.Command(UsageTables.AloneSql);
        var (version, through) = (0L, DateTimeOffset.MinValue);
        await using (var row = await last.ExecuteReaderAsync(cancellationToken))
        {
            await row.ReadAsync(cancellationToken);
            version = row.GetInt64(0);
            through = row.GetFieldValue<DateTimeOffset>(1);
        }

        // Before anything is read: whatever was accepted before this instant is seen by what follows.
        var now = clock.GetUtcNow();
        var (totals, areMore) = await TotalsAsync(cancellationToken);
        var kinds = await KindsAsync(cancellationToken);
        var isMore = areMore || kinds.Count == KindsMax;

        var told = new List<ITellsBillingCenter>();
        told.AddRange(totals.Chunk(TotalsPerMessageMax).Select(cells => publisher.Totals(++version, now, cells)));
        if (kinds.Count > 0)
        {
            told.Add(publisher.Quarantined(++version, now, kinds));
        }

        if (!isMore && now - through >= ThroughEvery)
        {
            told.Add(publisher.Through(++version, through = now));
        }

        if (told.Count > 0)
        {
            await using var count = work.Command("update workspaces.usage_telling set version = $1, through = $2", version, through);
            await count.ExecuteNonQueryAsync(cancellationToken);
            await outlet.TellAsync(told, cancellationToken);
        }

        return new(totals.Count + kinds.Count > 0, isMore);
    }

    /// <summary>Counts what is pending into the totals: each total once, as it is then.</summary>
    private async Task<(IReadOnlyList<UsageTotal> Totals, bool AreMore)> TotalsAsync(CancellationToken ct)
    {
        await using var command = work.Command(
            UsageTables.CountSql +
            """

            select workspace, item, retention_days, hour, part_from, quantity, (select sum(cells) >= $1 or count(*) = $2 from taken)
            from counted order by 1, 4, 2, 3, 5
            """,
            CellsMax, IngestsMax);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var totals = new List<UsageTotal>();
        var areMore = false;
        while (await rows.ReadAsync(ct))
        {
            totals.Add(new(
                WorkspaceId.Of(UsageTables.TextOf(rows.GetGuid(0))), rows.GetString(1), rows.GetInt32(2), rows.GetFieldValue<DateTimeOffset>(3),
                rows.GetFieldValue<DateTimeOffset>(4), rows.GetDecimal(5)));
            areMore = rows.GetBoolean(6);
        }

        return (totals, areMore);
    }

    private async Task<IReadOnlyList<QuarantinedUsage>> KindsAsync(CancellationToken ct)
    {
        await using var command = work.Command(
            """
            with next as (
                select workspace, item, code from workspaces.usage_quarantine_kind where changed order by workspace, item, code limit $1 for update
            )
            update workspaces.usage_quarantine_kind kind set changed = false from next
            where kind.workspace = next.workspace and kind.item = next.item and kind.code = next.code
            returning kind.workspace, kind.item, kind.code, kind.count, kind.first_at, kind.last_at
            """,
            KindsMax);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var kinds = new List<QuarantinedUsage>();
        while (await rows.ReadAsync(ct))
        {
            kinds.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetInt64(3), rows.GetFieldValue<DateTimeOffset>(4), rows.GetFieldValue<DateTimeOffset>(5)));
        }

        return kinds;
    }
}
