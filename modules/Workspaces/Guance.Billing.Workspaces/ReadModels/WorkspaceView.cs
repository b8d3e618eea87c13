using System.Diagnostics.CodeAnalysis;
using Guance.Billing.Workspaces.Domain;

namespace Guance.Billing.Workspaces.ReadModels;

/// <summary>A workspace as its owner sees it (surface, Site). Made from the inline snapshot and the time; nothing of it is stored.</summary>
internal sealed record WorkspaceView(
    WorkspaceId Id,
    string Name,
    string Language,
    SiteCode Site,
    BillingAccountId? BillingAccountId,
    SettlementMethod? SettlementMethod,
    string? CloudAccountId,
    LockView Lock)
{
    public static WorkspaceView Of(Workspace workspace, SiteCode site, DateTimeOffset now)
    {
        var access = WorkspaceAccess.Decide(workspace, now);
        return new(
            WorkspaceId.Of(workspace.Id),
            workspace.Name,
            workspace.Language,
            site,
            workspace.BillingAccountId,
            workspace.Method,
            workspace.CloudAccount?.AccountId,
            access.State is WorkspaceState.Locked or WorkspaceState.Expired
                ? new(access.State, access.Reasons, workspace.LockedSince, workspace.BufferEndsAt)
                : new(access.State, [], Since: null, BufferEndsAt: null));
    }
}

/// <summary>How the workspace stands.</summary>
/// <param name="State">Normal, locked, expired or dissolved.</param>
/// <param name="Reasons">The reasons that hold.</param>
/// <param name="Since">Since when it is locked.</param>
/// <param name="BufferEndsAt">When the buffer ends or ended: what a countdown counts to.</param>
internal sealed record LockView(WorkspaceState State, IReadOnlyList<LockReason> Reasons, DateTimeOffset? Since, DateTimeOffset? BufferEndsAt);

internal static class Ownership
{
    /// <summary>The workspace, if it exists and is this user's; otherwise there is none for them.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-not-found</c></exception>
    public static Workspace OwnedBy([NotNull] this Workspace? workspace, string userId) =>
        workspace is { IsCreated: true } && string.Equals(workspace.OwnerUserId, userId, StringComparison.Ordinal) ? workspace : throw Refuse.NotFound();
}
