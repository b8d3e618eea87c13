using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>Whenever a workspace is dissolved at its site, note it.</summary>
internal sealed class NoteDissolvedWorkspaces(IMediator mediator) : IPolicy<WorkspaceDissolvedIntegrationEvent>
{
    public Task When(IReadOnlyList<WorkspaceDissolvedIntegrationEvent> events, CancellationToken ct) =>
        mediator.Send(new NoteSiteFacts([.. events.Select(e => new SiteFact(e.WorkspaceId, e.Site, e.OccurredAt, e.By))]), ct);
}
