using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a subscription is frozen at its market, lock the workspaces that it settles.</summary>
internal sealed class LockWorkspacesOfFrozenSubscriptions(IMediator mediator) : IPolicy<CloudSubscriptionFrozenIntegrationEvent>
{
    public async Task When(IReadOnlyList<CloudSubscriptionFrozenIntegrationEvent> events, CancellationToken ct)
    {
        foreach (var last in events.GroupBy(e => e.Instance).Select(instance => instance.MaxBy(e => e.SourceVersion)!))
        {
            while (await mediator.Send(new FollowFreeze(last.Instance, Frozen: true, last.OccurredAt), ct))
            {
            }
        }
    }
}
