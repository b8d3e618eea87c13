using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// After a day's last batch: states what cloud subscriptions owe whose due has changed since it was stated, at most a batch of them; answers
/// whether there are more. What was stated is not stated again.
/// </summary>
internal sealed record StateCloudCharges(DateOnly Day, DateTimeOffset DayEndsAt) : ICommand<bool>;

internal sealed class StateCloudChargesHandler(IDocumentSession session, UnitOfWork work, Batches batches, Deployment deployment, TimeProvider clock)
    : ICommandHandler<StateCloudCharges, bool>
{
    public async Task<bool> Handle(StateCloudCharges request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await StateAsync(cancellationToken);
        foreach (var (payer, total, amount, version) in due)
        {
            var instance = InstanceOf(payer);
            var stated = new CloudChargeStated(instance, request.Day, request.DayEndsAt, new(amount, deployment.Currency), new(total, deployment.Currency), now);
            _ = version == 1
                ? session.Events.StartStream<CloudCharges>(CloudCharges.Key(instance), stated)
                : session.Events.Append(CloudCharges.Key(instance), version, stated);
        }

        return due.Count == batches.Size;
    }

    private async Task<IReadOnlyList<(string Payer, decimal Total, decimal Amount, long Version)>> StateAsync(CancellationToken ct)
    {
        await using var state = work.Command(
            """
            with due as (select payer, total, total - stated as amount from settlement.cloud_due where total <> stated order by payer collate "C" limit $1 for update)
            update settlement.cloud_due d set stated = due.total, version = d.version + 1 from due where d.payer = due.payer
            returning d.payer, due.total, due.amount, d.version
            """,
            batches.Size);
        await using var rows = await state.ExecuteReaderAsync(ct);
        var due = new List<(string, decimal, decimal, long)>();
        while (await rows.ReadAsync(ct))
        {
            due.Add((rows.GetString(0), rows.GetDecimal(1), rows.GetDecimal(2), rows.GetInt64(3)));
        }

        return due;
    }

    private static CloudInstanceKey InstanceOf(string payer)
    {
        var slash = payer.IndexOf('/', StringComparison.Ordinal);
        return new(CloudProvider.Of(payer[..slash]), payer[(slash + 1)..]);
    }
}
