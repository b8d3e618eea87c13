using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using JasperFx.Events;

namespace Guance.Billing.Settlement.Publishing;

/// <summary>What sites hear of workspaces, accounts and closings, and the marketplaces of what their customers owe.</summary>
internal sealed class SettlementPublisher : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } =
    [
        Telling.Of((IEvent e, WorkspaceBound b) => new WorkspaceBoundIntegrationEvent(e.Id, e.Version, b.At, b.Site, b.Workspace, b.Account, b.Method, b.Cloud?.Account)),
        Telling.Of((IEvent e, WorkspaceMethodChanged c) => new WorkspaceSettlementMethodChangedIntegrationEvent(e.Id, e.Version, c.At, c.Site, WorkspaceOf(e), c.To, c.Cloud?.Account)),
        Telling.Of((IEvent e, WorkspaceLocked l) => new WorkspaceLockedIntegrationEvent(e.Id, e.Version, l.At, l.Site, WorkspaceOf(e), l.Reason, l.LockedSince, l.ClosingId)),
        Telling.Of((IEvent e, WorkspaceLockLifted l) => new WorkspaceLockLiftedIntegrationEvent(e.Id, e.Version, l.At, l.Site, WorkspaceOf(e), l.Reason)),
        Telling.Of((IEvent e, WorkspaceUnlocked u) => new WorkspaceUnlockedIntegrationEvent(e.Id, e.Version, u.At, u.Site, WorkspaceOf(e))),
        Telling.Of((IEvent e, BillingAccountJoinedSite j) => new BillingAccountJoinedSiteIntegrationEvent(e.Id, e.Version, j.At, j.Site, j.Account, j.Username, j.CompanyName)),
        Telling.Of((IEvent e, ClosingAnnouncedToSite a) => new ClosingAnnouncedIntegrationEvent(e.Id, e.Version, a.At, a.Site, Closing.Key(a.Instance), a.Instance, a.Workspaces)),
        Telling.Of((IEvent e, CloudChargeStated c) => new CloudChargeStatedIntegrationEvent(e.Id, e.Version, c.At, c.Instance, c.Day, c.DayEndsAt, c.Amount, c.Total)),
        Telling.Of((IEvent e, ItemCatalogPublished c) => new ItemCatalogPublishedIntegrationEvent(e.Id, e.Version, c.At, c.Site, c.Items)),
    ];

    private static WorkspaceId WorkspaceOf(IEvent e) => WorkspaceId.Of(e.StreamKey!);
}
