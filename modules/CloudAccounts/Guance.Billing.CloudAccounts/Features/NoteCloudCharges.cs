using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using MediatR;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>What a subscription owes, as Settlement stated it.</summary>
/// <param name="Version">Of two statements about one subscription the higher version holds.</param>
/// <param name="Amount">What the day added.</param>
/// <param name="Total">What is owed in all.</param>
internal sealed record StatedCharge(CloudInstanceKey Instance, long Version, DateOnly Day, DateTimeOffset DayEndsAt, decimal Amount, decimal Total, DateTimeOffset At);

/// <summary>Note what subscriptions owe. Noted again, or after a later statement, it changes nothing that is pushed.</summary>
internal sealed record NoteCloudCharges(IReadOnlyList<StatedCharge> Charges) : ICommand;

internal sealed class NoteCloudChargesHandler(UnitOfWork work, ITicks ticks) : ICommandHandler<NoteCloudCharges>
{
    public async Task<Unit> Handle(NoteCloudCharges request, CancellationToken cancellationToken)
    {
        var charges = request.Charges;
        await using var note = work.Command(
            """
            with told as (
                select * from unnest($1::text[], $2::text[], $3::bigint[], $4::date[], $5::timestamptz[], $6::numeric[], $7::numeric[], $8::timestamptz[])
                    as t (provider, instance_id, version, day, day_ends_at, amount, total, stated_at)),
            fresh as (
                insert into cloud_accounts.usage_charge_stated (provider, instance_id, version, day, day_ends_at, amount, total, stated_at)
                select distinct on (provider, instance_id, version) * from told order by provider, instance_id, version
                on conflict do nothing
                returning *),
            newest as (
                select distinct on (provider, instance_id) provider, instance_id, version, total,
                    max(day) over instance as day, max(day_ends_at) over instance as day_ends_at
                from fresh window instance as (partition by provider, instance_id)
                order by provider, instance_id, version desc)
            insert into cloud_accounts.usage_charge as known (provider, instance_id, stated_total, stated_version, day, day_ends_at)
            select provider, instance_id, total, version, day, day_ends_at from newest order by provider, instance_id
            on conflict (provider, instance_id) do update set
                stated_total = case when excluded.stated_version > known.stated_version then excluded.stated_total else known.stated_total end,
                stated_version = greatest(excluded.stated_version, known.stated_version),
                day = greatest(excluded.day, known.day),
                day_ends_at = greatest(excluded.day_ends_at, known.day_ends_at)
            """,
            [
                charges.Select(charge => charge.Instance.Provider.Value).ToArray(),
                charges.Select(charge => charge.Instance.InstanceId).ToArray(),
                charges.Select(charge => charge.Version).ToArray(),
                charges.Select(charge => charge.Day).ToArray(),
                charges.Select(charge => charge.DayEndsAt.ToUniversalTime()).ToArray(),
                charges.Select(charge => charge.Amount).ToArray(),
                charges.Select(charge => charge.Total).ToArray(),
                charges.Select(charge => charge.At.ToUniversalTime()).ToArray(),
            ]);
        if (await note.ExecuteNonQueryAsync(cancellationToken) > 0)
        {
            work.AfterCommit(() => ticks.Poke(PushUsageJob.Id));
        }

        return Unit.Value;
    }
}
