using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Workspaces.Domain;

/// <summary>Decides access from what the site has noted and the time alone (rules §6).</summary>
internal static class AccessDecider
{
    /// <summary>
    /// Never late, since nothing has to happen at the end of the buffer, and the same while the Billing Center cannot be reached.
    /// </summary>
    public static WorkspaceAccess Decide(Workspace workspace, DateTimeOffset now)
    {
        if (workspace.DissolvedAt is not null)
        {
            return new(WorkspaceState.Dissolved, MayIngest: false, MayView: false, [], Until: null);
        }

        if (workspace.BufferEndsAt is not { } end)
        {
            return new(WorkspaceState.Normal, MayIngest: true, MayView: true, [], Until: null);
        }

        LockReason[] reasons = [.. workspace.Locks.Select(held => held.Reason)];
        return now < end
            ? new(WorkspaceState.Locked, MayIngest: true, MayView: true, reasons, end)
            : new(WorkspaceState.Expired, MayIngest: false, MayView: false, reasons, Until: null);
    }
}
