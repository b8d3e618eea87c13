using System.Diagnostics.CodeAnalysis;
using Guance.Billing.Platform;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Marten;

namespace Guance.Billing.Workspaces.ReadModels;

/// <summary>Shows workspaces to their owners: made from the inline snapshot and the time; nothing of it is stored.</summary>
internal sealed class WorkspaceViews(IQuerySession session, Deployment deployment, TimeProvider clock)
{
    /// <summary>How an own workspace looks now.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-not-found</c></exception>
    public async Task<WorkspaceView> OfAsync(WorkspaceId id, string ownerUserId, CancellationToken ct) =>
        Of((await session.LoadAsync<Workspace>(id.Value, ct)).OwnedBy(ownerUserId));

    /// <summary>How it looks now.</summary>
    public WorkspaceView Of(Workspace workspace)
    {
        var access = AccessDecider.Decide(workspace, clock.GetUtcNow());
        return new(
            WorkspaceId.Of(workspace.Id),
            workspace.Name,
            workspace.Language,
            deployment.Site,
            workspace.BillingAccountId,
            workspace.Method,
            workspace.CloudAccount?.AccountId,
            access.State is WorkspaceState.Locked or WorkspaceState.Expired
                ? new(access.State, access.Reasons, workspace.LockedSince, workspace.BufferEndsAt)
                : new(access.State, [], Since: null, BufferEndsAt: null));
    }
}

internal static class Ownership
{
    /// <summary>The workspace, if it exists and is this user's; otherwise there is none for them.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-not-found</c></exception>
    public static Workspace OwnedBy([NotNull] this Workspace? workspace, string userId) =>
        workspace is { IsCreated: true } && string.Equals(workspace.OwnerUserId, userId, StringComparison.Ordinal) ? workspace : throw Refuse.NotFound();

    /// <summary>The workspace, if it exists and is this user's; for a client, which is no user, every one that exists.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-not-found</c></exception>
    public static Workspace SeenBy([NotNull] this Workspace? workspace, string? userId) =>
        userId is not null ? workspace.OwnedBy(userId)
        : workspace is { IsCreated: true } ? workspace
        : throw BillingRefusal.NotFound("workspace-not-found", "There is no such workspace at this site.");
}
