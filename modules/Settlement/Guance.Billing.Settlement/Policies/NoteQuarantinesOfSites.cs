using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a site tells what waits in its quarantine, note it.</summary>
internal sealed class NoteQuarantinesOfSites(IMediator mediator) : IPolicy<UsageQuarantinedIntegrationEvent>
{
    public Task When(IReadOnlyList<UsageQuarantinedIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new NoteQuarantinedUsage(events), ct);
}
