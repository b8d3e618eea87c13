using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a site has applied a closing, note its acknowledgement.</summary>
internal sealed class NoteAcknowledgementsOfClosings(IMediator mediator) : IPolicy<ClosingAppliedIntegrationEvent>
{
    public Task When(IReadOnlyList<ClosingAppliedIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new AcknowledgeClosings([.. events.Select(e => new ClosingAcknowledgement(e.ClosingId, e.Site, e.OccurredAt))]), ct);
}
