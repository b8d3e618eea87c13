using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>
/// Take records that are to be sent now. Until they are answered each is due again later: after a minute, then twice as long each time, at
/// most 10 minutes, since a day's usage is collected an hour after its end.
/// </summary>
/// <param name="DueAt">Only what was due by then, so that a run ends.</param>
internal sealed record TakeUsagePushes(DateTimeOffset DueAt, int CountMax) : ICommand<IReadOnlyList<TakenUsagePush>>;

/// <param name="FurtherNumber">The serial number is known to the market, so it goes under its n-th further one; 0: under its own.</param>
internal sealed record TakenUsagePush(
    string MeteringSn, int FurtherNumber, int Attempt, string InstanceId, DateTimeOffset PreparedAt, DateTimeOffset BeginsAt, DateTimeOffset EndsAt, decimal Amount);

internal sealed class TakeUsagePushesHandler(UnitOfWork work, TimeProvider clock) : ICommandHandler<TakeUsagePushes, IReadOnlyList<TakenUsagePush>>
{
    public async Task<IReadOnlyList<TakenUsagePush>> Handle(TakeUsagePushes request, CancellationToken cancellationToken)
    {
        await using var take = work.Command(
            """
            update cloud_accounts.usage_push p set
                attempts = p.attempts + 1, sent_at = $1, next_attempt_at = $1 + least(interval '10 minutes', interval '1 minute' * power(2, least(p.attempts, 4)))
            from (
                select metering_sn from cloud_accounts.usage_push
                where state = 'unanswered' and next_attempt_at <= $2 and provider = 'huawei-cloud'
                order by next_attempt_at, metering_sn limit $3
                for update skip locked) due
            where p.metering_sn = due.metering_sn
            returning p.metering_sn, p.further_number, p.attempts, p.instance_id, p.prepared_at, p.begins_at, p.ends_at, p.amount
            """,
            [clock.GetUtcNow(), request.DueAt, request.CountMax]);
        return await take.ReadAsync(
            row => new TakenUsagePush(
                row.GetString(0), row.GetInt32(1), row.GetInt32(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), row.GetFieldValue<DateTimeOffset>(5),
                row.GetFieldValue<DateTimeOffset>(6), row.GetDecimal(7)),
            cancellationToken);
    }
}
