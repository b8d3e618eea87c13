using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a site says that it has told everything up to an instant, note it.</summary>
internal sealed class NoteHowFarSitesHaveTold(IMediator mediator) : IPolicy<UsageToldThroughIntegrationEvent>
{
    public Task When(IReadOnlyList<UsageToldThroughIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new NoteUsageToldThrough(events), ct);
}
