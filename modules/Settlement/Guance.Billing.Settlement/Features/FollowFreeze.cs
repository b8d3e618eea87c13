using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// A subscription was frozen, or active again: locks its workspaces, or lifts that lock (rules §5), at most
/// <see cref="Batches.Size"/> at once; answers whether there are more. The subscription's present state decides, not the message: one
/// that comes late or again and that the state contradicts does nothing, since the newer one has come or is coming.
/// </summary>
internal sealed record FollowFreeze(CloudInstanceKey Instance, bool Frozen, DateTimeOffset At) : ICommand<bool>;

internal sealed class FollowFreezeHandler(IDocumentSession session, CloudSubscriptions subscriptions, Batches batches) : ICommandHandler<FollowFreeze, bool>
{
    public async Task<bool> Handle(FollowFreeze request, CancellationToken cancellationToken)
    {
        var subscription = await subscriptions.GetAloneAsync(request.Instance, cancellationToken);
        if (subscription?.State != (request.Frozen ? CloudSubscriptionState.Frozen : CloudSubscriptionState.Active))
        {
            return false;
        }

        var batch = await session.QueryAsync<WorkspaceSettlement>(
            $$"""
            where instance_key = ? and data ->> 'dissolvedAt' is null and {{(request.Frozen ? "not " : "")}}data @> '{"reasons": ["subscription-frozen"]}'
            order by id limit {{batches.Size}}
            """,
            cancellationToken, request.Instance.ToString());
        foreach (var workspace in batch)
        {
            session.AppendTo(workspace, request.Frozen
                ? WorkspaceSettlementDecider.Freeze(workspace, request.Instance, request.At)
                : WorkspaceSettlementDecider.Unfreeze(workspace, request.Instance, request.At));
        }

        return batch.Count == batches.Size;
    }
}
