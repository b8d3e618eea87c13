using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a site ends a workspace's buffer, note it.</summary>
internal sealed class NoteExpiredWorkspaces(IMediator mediator) : IPolicy<WorkspaceExpiredIntegrationEvent>
{
    public Task When(IReadOnlyList<WorkspaceExpiredIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new NoteSiteFacts([.. events.Select(e => new SiteFact(e.WorkspaceId, e.Site, e.OccurredAt, null))]), ct);
}
