using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a subscription is active again, lift the lock that its freeze brought.</summary>
internal sealed class LiftLocksOfUnfrozenSubscriptions(IMediator mediator) : IPolicy<CloudSubscriptionUnfrozenIntegrationEvent>
{
    public async Task When(IReadOnlyList<CloudSubscriptionUnfrozenIntegrationEvent> events, CancellationToken ct)
    {
        foreach (var last in events.GroupBy(e => e.Instance).Select(instance => instance.MaxBy(e => e.SourceVersion)!))
        {
            while (await mediator.Send(new FollowFreeze(last.Instance, Frozen: false, last.OccurredAt), ct))
            {
            }
        }
    }
}
