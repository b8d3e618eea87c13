using System.Text.Json.Serialization;

namespace Guance.Billing.Workspaces.Domain;

/// <summary>How a workspace stands (rules §6).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkspaceState>))]
internal enum WorkspaceState
{
    [JsonStringEnumMemberName("normal")]
    Normal,

    /// <summary>Locked, in the buffer: viewable, takes data, can be unlocked.</summary>
    [JsonStringEnumMemberName("locked")]
    Locked,

    /// <summary>The buffer has ended: full lock, still unlockable.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    [JsonStringEnumMemberName("dissolved")]
    Dissolved,
}

/// <summary>What a workspace may do now, why, and until when that is so.</summary>
/// <param name="State">How it stands.</param>
/// <param name="MayIngest">Data comes in.</param>
/// <param name="MayView">History can be viewed.</param>
/// <param name="Reasons">The reasons to lock that hold.</param>
/// <param name="Until">When this answer ends by itself; null when it does not.</param>
internal sealed record WorkspaceAccess(
    WorkspaceState State, bool MayIngest, bool MayView, IReadOnlyList<LockReason> Reasons, DateTimeOffset? Until)
{
    /// <summary>
    /// Decides from what the site has noted and the time alone (rules §6): never late, since nothing has to happen at the end of the
    /// buffer, and the same while the Billing Center cannot be reached.
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
