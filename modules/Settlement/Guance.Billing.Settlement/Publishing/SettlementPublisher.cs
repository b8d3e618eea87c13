using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using JasperFx.Events;

namespace Guance.Billing.Settlement.Publishing;

/// <summary>What sites hear of workspaces, accounts and closings, and the marketplaces of what their customers owe.</summary>
internal sealed class SettlementPublisher : IIntegrationEventMapper
{
    public IIntegrationEvent? Map(IEvent e) => e.Data switch
    {
        WorkspaceBound b => new WorkspaceBoundIntegrationEvent(e.Id, e.Version, b.At, b.Site, b.Workspace, b.Account, b.Method, b.Cloud?.Account),
        WorkspaceMethodChanged c => new WorkspaceSettlementMethodChangedIntegrationEvent(e.Id, e.Version, c.At, c.Site, WorkspaceOf(e), c.To, c.Cloud?.Account),
        WorkspaceLocked l => new WorkspaceLockedIntegrationEvent(e.Id, e.Version, l.At, l.Site, WorkspaceOf(e), l.Reason, l.LockedSince, l.ClosingId),
        WorkspaceLockLifted l => new WorkspaceLockLiftedIntegrationEvent(e.Id, e.Version, l.At, l.Site, WorkspaceOf(e), l.Reason),
        WorkspaceUnlocked u => new WorkspaceUnlockedIntegrationEvent(e.Id, e.Version, u.At, u.Site, WorkspaceOf(e)),
        BillingAccountJoinedSite j => new BillingAccountJoinedSiteIntegrationEvent(e.Id, e.Version, j.At, j.Site, j.Account, j.Username, j.CompanyName),
        ClosingAnnouncedToSite a => new ClosingAnnouncedIntegrationEvent(e.Id, e.Version, a.At, a.Site, Closing.Key(a.Instance), a.Instance, a.Workspaces),
        CloudChargeStated c => new CloudChargeStatedIntegrationEvent(e.Id, e.Version, c.At, c.Instance, c.Day, c.DayEndsAt, c.Amount, c.Total),
        ItemCatalogPublished c => new ItemCatalogPublishedIntegrationEvent(e.Id, e.Version, c.At, c.Site, c.Items),
        _ => null,
    };

    private static WorkspaceId WorkspaceOf(IEvent e) => WorkspaceId.Of(e.StreamKey!);
}
