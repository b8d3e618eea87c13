using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Features;
using MediatR;

namespace Guance.Billing.Workspaces.Policies;

/// <summary>Whenever all locks of a closing have been told, acknowledge it and tell the owners.</summary>
internal sealed class AcknowledgeClosingWhenAnnounced(IMediator mediator) : IPolicy<ClosingAnnouncedIntegrationEvent>
{
    public Task When(IReadOnlyList<ClosingAnnouncedIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new AcknowledgeClosings([.. events.Select(e => new AnnouncedClosing(e.ClosingId, e.Instance, e.WorkspaceCount))]), ct);
}
