using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a subscription is closed at its market, start the closing of what it settles; the job drives it on.</summary>
internal sealed class CloseWorkspacesOfClosedSubscriptions(IMediator mediator) : IPolicy<CloudSubscriptionClosedIntegrationEvent>
{
    public Task When(IReadOnlyList<CloudSubscriptionClosedIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new StartClosings([.. events.Select(e => new ClosedSubscription(e.Instance, e.AccountId, e.OccurredAt))]), ct);
}
