using Guance.Billing.Platform;
using Guance.Billing.Platform.Events;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using JasperFx.Events;

namespace Guance.Billing.Workspaces.Publishing;

/// <summary>What the Billing Center hears of this site's workspaces. What the site merely noted is not told back.</summary>
internal sealed class WorkspacesPublisher(Deployment deployment) : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } =
    [
        Telling.Of((IEvent e, WorkspaceExpired expired) => new WorkspaceExpiredIntegrationEvent(
            e.Id, e.Version, expired.At, deployment.Site, WorkspaceId.Of(e.StreamKey!))),
        Telling.Of((IEvent e, WorkspaceDissolved dissolved) => new WorkspaceDissolvedIntegrationEvent(
            e.Id, e.Version, dissolved.At, deployment.Site, WorkspaceId.Of(e.StreamKey!), dissolved.By)),
        Telling.Of((IEvent e, ClosingApplied applied) => new ClosingAppliedIntegrationEvent(
            e.Id, e.Version, applied.At, deployment.Site, applied.ClosingId, applied.WorkspaceCount)),
    ];
}
