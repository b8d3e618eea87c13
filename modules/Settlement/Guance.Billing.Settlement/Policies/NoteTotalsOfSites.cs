using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a site tells totals, note them.</summary>
internal sealed class NoteTotalsOfSites(IMediator mediator) : IPolicy<UsageTotalsToldIntegrationEvent>
{
    public Task When(IReadOnlyList<UsageTotalsToldIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new NoteUsageTotals(events), ct);
}
