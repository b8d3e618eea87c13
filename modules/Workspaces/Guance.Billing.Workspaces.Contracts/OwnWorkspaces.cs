using System.Text.Json.Serialization;

namespace Guance.Billing.Workspaces.Contracts;

/// <summary>The workspaces of a console user, in the order of their ids: a page stays where it is however many come and go.</summary>
/// <remarks>Refusals: <c>limit-out-of-range</c>, <c>cursor-unknown</c>.</remarks>
/// <param name="OwnerUserId">The console user.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListWorkspaces(string OwnerUserId, int Limit, string? Cursor) : IQuery<Page<WorkspaceView>>;

/// <summary>An own workspace: how it is settled, whether it is locked and until when.</summary>
/// <remarks>Refusals: <c>workspace-not-found</c>, where it is somebody else's, too.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OwnerUserId">The console user who asks.</param>
public sealed record GetWorkspace(WorkspaceId WorkspaceId, string OwnerUserId) : IQuery<WorkspaceView>;

/// <summary>What a workspace may do now, why, and until when; decided at the site alone.</summary>
/// <remarks>Refusals: <c>workspace-not-found</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OwnerUserId">The console user who asks; null where a client does, which may ask about all.</param>
public sealed record GetWorkspaceAccess(WorkspaceId WorkspaceId, string? OwnerUserId) : IQuery<WorkspaceAccess>;

/// <summary>Dissolve an own workspace for ever (rules §6). A second time it changes nothing.</summary>
/// <remarks>Refusals: <c>workspace-not-found</c>, <c>confirm-name-missing</c>, <c>confirmation-mismatch</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OwnerUserId">Who asks: only the owner may.</param>
/// <param name="By">Who asks, for the history.</param>
/// <param name="ConfirmName">The workspace's name, typed.</param>
public sealed record DissolveWorkspace(WorkspaceId WorkspaceId, string OwnerUserId, string By, string ConfirmName) : ICommand;

/// <summary>Ask the Billing Center for a one-use link by which the owner unlocks the workspace there. Nothing changes here.</summary>
/// <remarks>Refusals: <c>workspace-not-found</c>, <c>not-locked</c>, <c>workspace-dissolved</c>, <c>billing-center-unreachable</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OwnerUserId">Who asks: only the owner may.</param>
/// <param name="By">Who asks, for the history.</param>
public sealed record RequestUnlockLink(WorkspaceId WorkspaceId, string OwnerUserId, string By) : IQuery<OneUseLink>;

/// <summary>A link that works once.</summary>
/// <param name="Url">At the Billing Center; opening it shows what unlocking means, confirming it unlocks.</param>
/// <param name="ExpiresAt">Until when it works: ten minutes.</param>
public sealed record OneUseLink(string Url, DateTimeOffset ExpiresAt);

/// <summary>A workspace as its owner sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner called it.</param>
/// <param name="Language"><c>zh</c> or <c>en</c>, of its templates.</param>
/// <param name="Site">Where it lives.</param>
/// <param name="BillingAccountId">The billing account that it belongs to.</param>
/// <param name="SettlementMethod">Who pays, as the Billing Center told last.</param>
/// <param name="CloudAccountId">The cloud account that pays; null for the Billing Center.</param>
/// <param name="Lock">Whether it is locked.</param>
public sealed record WorkspaceView(
    WorkspaceId Id,
    string Name,
    string Language,
    SiteCode Site,
    BillingAccountId? BillingAccountId,
    SettlementMethod? SettlementMethod,
    string? CloudAccountId,
    LockView Lock);

/// <summary>How the workspace stands.</summary>
/// <param name="State">Normal, locked, expired or dissolved.</param>
/// <param name="Reasons">The reasons that hold.</param>
/// <param name="Since">Since when it is locked.</param>
/// <param name="BufferEndsAt">When the buffer ends or ended: what a countdown counts to.</param>
public sealed record LockView(WorkspaceState State, IReadOnlyList<LockReason> Reasons, DateTimeOffset? Since, DateTimeOffset? BufferEndsAt);

/// <summary>What a workspace may do now, why, and until when that is so.</summary>
/// <param name="State">How it stands.</param>
/// <param name="MayIngest">Data comes in.</param>
/// <param name="MayView">History can be viewed.</param>
/// <param name="Reasons">The reasons to lock that hold.</param>
/// <param name="Until">When this answer ends by itself; null when it does not.</param>
public sealed record WorkspaceAccess(
    WorkspaceState State, bool MayIngest, bool MayView, IReadOnlyList<LockReason> Reasons, DateTimeOffset? Until);

/// <summary>How a workspace stands (rules §6).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkspaceState>))]
public enum WorkspaceState
{
    /// <summary>Not locked.</summary>
    [JsonStringEnumMemberName("normal")]
    Normal,

    /// <summary>Locked, in the buffer: viewable, takes data, can be unlocked.</summary>
    [JsonStringEnumMemberName("locked")]
    Locked,

    /// <summary>The buffer has ended: full lock, still unlockable.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>Ended by its owner, for ever.</summary>
    [JsonStringEnumMemberName("dissolved")]
    Dissolved,
}
