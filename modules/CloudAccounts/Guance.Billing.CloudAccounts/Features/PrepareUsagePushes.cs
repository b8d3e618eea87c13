using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>
/// Keep the records that subscriptions need next, before anything is sent. Takes a batch of subscriptions in order of their instance IDs
/// and answers where the next begins; null after the last.
/// </summary>
/// <param name="After">What the batch before answered; empty for the first.</param>
internal sealed record PrepareUsagePushes(string After) : ICommand<string?>;

internal sealed class PrepareUsagePushesHandler(
    UnitOfWork work, IOptionsMonitor<HuaweiMarketplaceOptions> options, TimeProvider clock, ILogger<PrepareUsagePushesHandler> log)
    : ICommandHandler<PrepareUsagePushes, string?>
{
    private const int BatchSize = 500;
    private const string Provider = "huawei-cloud";

    /// <summary>How often what the market takes no more is looked at, and reported.</summary>
    private static readonly TimeSpan TooLateAgain = TimeSpan.FromHours(1);

    private sealed record Candidate(
        string InstanceId, decimal Stated, decimal Accepted, decimal Unanswered, DateOnly Day, DateTimeOffset DayEndsAt, DateTimeOffset? StartsAt, DateTimeOffset? ClosesAt);

    public async Task<string?> Handle(PrepareUsagePushes request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var candidates = await FindAsync(request.After, now, cancellationToken);
        var windows = await WindowsAsync([.. candidates.Select(candidate => candidate.InstanceId)], now, cancellationToken);
        var cadence = options.CurrentValue.Usage.Window is UsageWindow.Hourly ? UsageCadence.Hourly : UsageCadence.Daily;
        var planned = candidates.Select(candidate => (Candidate: candidate, Plan: UsagePushPlanner.Next(
            new(candidate.Stated, candidate.Accepted, candidate.Unanswered, candidate.DayEndsAt, candidate.StartsAt, candidate.ClosesAt, [.. windows[candidate.InstanceId]]),
            cadence.WindowMax, now))).ToArray();

        await KeepAsync([.. planned.Where(record => record.Plan.Step is PushStep.Push)], now, cancellationToken);
        await HoldAsync([.. planned.Where(record => record.Plan.Step is PushStep.Wait or PushStep.TooLate)], now, cancellationToken);
        return candidates.Count == BatchSize ? candidates[^1].InstanceId : null;
    }

    /// <summary>Subscriptions with something to tell. One that another node is at is left to it.</summary>
    private async Task<IReadOnlyList<Candidate>> FindAsync(string after, DateTimeOffset now, CancellationToken ct)
    {
        await using var find = work.Command(
            $"""
            select c.instance_id, c.stated_total, c.accepted, c.unanswered, c.day, c.day_ends_at,
                (s.data ->> 'orderPlacedAt')::timestamptz, (s.data ->> 'closedAt')::timestamptz
            from cloud_accounts.usage_charge c
            left join cloud_accounts.mt_doc_cloudsubscription s on s.data ->> 'instanceId' = c.instance_id and s.data ->> 'providerCode' = c.provider
            where c.provider = $1 and c.instance_id > $2 and c.stated_total - c.accepted - c.unanswered >= 0.0001
                and (c.hold_until is null or c.hold_until <= $3)
            order by c.instance_id limit {BatchSize}
            for update of c skip locked
            """,
            [Provider, after, now]);
        return await find.ReadAsync(
            row => new Candidate(
                row.GetString(0), row.GetDecimal(1), row.GetDecimal(2), row.GetDecimal(3), row.GetFieldValue<DateOnly>(4), row.GetFieldValue<DateTimeOffset>(5),
                row.ValueOrNull<DateTimeOffset>(6), row.ValueOrNull<DateTimeOffset>(7)),
            ct);
    }

    private async Task<ILookup<string, PushWindow>> WindowsAsync(string[] instances, DateTimeOffset now, CancellationToken ct)
    {
        await using var find = work.Command(
            "select instance_id, begins_at, ends_at from cloud_accounts.usage_push where provider = $1 and instance_id = any($2) and ends_at >= $3",
            [Provider, instances, now - UsagePushPlanner.AgeMax]);
        var windows = await find.ReadAsync(row => (row.GetString(0), new PushWindow(row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2))), ct);
        return windows.ToLookup(window => window.Item1, window => window.Item2, StringComparer.Ordinal);
    }

    private async Task KeepAsync((Candidate Candidate, PushPlan Plan)[] records, DateTimeOffset now, CancellationToken ct)
    {
        await using var keep = work.Command(
            """
            with kept as (
                insert into cloud_accounts.usage_push (metering_sn, provider, instance_id, day, begins_at, ends_at, amount, state, prepared_at, next_attempt_at)
                select r.metering_sn, $1, r.instance_id, r.day, r.begins_at, r.ends_at, r.amount, 'unanswered', $8, $8
                from unnest($2::text[], $3::text[], $4::date[], $5::timestamptz[], $6::timestamptz[], $7::numeric[])
                    as r (metering_sn, instance_id, day, begins_at, ends_at, amount)
                returning provider, instance_id, amount)
            update cloud_accounts.usage_charge c set unanswered = c.unanswered + kept.amount, rejected = 0, hold_until = null, hold_reason = null
            from kept where c.provider = kept.provider and c.instance_id = kept.instance_id
            """,
            [
                Provider,
                records.Select(record => MeteringSn.Of(new(CloudProvider.HuaweiCloud, record.Candidate.InstanceId), record.Plan.Window)).ToArray(),
                records.Select(record => record.Candidate.InstanceId).ToArray(),
                records.Select(record => record.Candidate.Day).ToArray(),
                records.Select(record => record.Plan.Window.BeginsAt).ToArray(),
                records.Select(record => record.Plan.Window.EndsAt).ToArray(),
                records.Select(record => record.Plan.Amount).ToArray(),
                now,
            ]);
        await keep.ExecuteNonQueryAsync(ct);
    }

    private async Task HoldAsync((Candidate Candidate, PushPlan Plan)[] held, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var (candidate, _) in held.Where(candidate => candidate.Plan.Step is PushStep.TooLate))
        {
            log.LogError("The market takes no usage of instance {InstanceId} any more, closed at {ClosedAt}; {Amount} is lost unless a person settles it",
                candidate.InstanceId, candidate.ClosesAt, candidate.Stated - candidate.Accepted - candidate.Unanswered);
        }

        await using var hold = work.Command(
            """
            update cloud_accounts.usage_charge c set hold_until = case when h.is_late then $4 end, hold_reason = case when h.is_late then 'too-late' else 'not-yet' end
            from unnest($2::text[], $3::bool[]) as h (instance_id, is_late) where c.provider = $1 and c.instance_id = h.instance_id
            """,
            [
                Provider,
                held.Select(record => record.Candidate.InstanceId).ToArray(),
                held.Select(record => record.Plan.Step is PushStep.TooLate).ToArray(),
                now + TooLateAgain,
            ]);
        await hold.ExecuteNonQueryAsync(ct);
    }
}
