using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>
/// Which workspaces there are, at all sites, in the order of their ids, as many as <paramref name="Limit"/> at once: paged by the last id seen,
/// so that every page costs the same.
/// </summary>
/// <remarks>Refusals: <c>limit-invalid</c>, <c>cursor-invalid</c>, <c>state-invalid</c>.</remarks>
/// <param name="Account">Whose; null for all accounts'.</param>
/// <param name="Site">Only those of this site.</param>
/// <param name="State">Only those in this state: <c>normal</c>, <c>locked</c>, <c>expired</c>, <c>dissolved</c>.</param>
/// <param name="Method">Only those settled so.</param>
/// <param name="Text">Only those whose name or id contains this, whatever its case.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListWorkspaces(
    BillingAccountId? Account, SiteCode? Site, string? State, SettlementMethod? Method, string? Text, int Limit, string? Cursor) : IQuery<Page<WorkspaceView>>;

/// <summary>A workspace in Workspace Management.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner called it.</param>
/// <param name="Language"><c>zh</c> or <c>en</c>, of its templates.</param>
/// <param name="Site">Where it lives.</param>
/// <param name="BillingAccountId">Whose it is.</param>
/// <param name="SettlementMethod">Who pays.</param>
/// <param name="CloudAccountId">The cloud account that pays; null for the Billing Center.</param>
/// <param name="ProductInstanceId">The purchase that pays; null for the Billing Center.</param>
/// <param name="SettledSince">Since when it is paid so.</param>
/// <param name="Lock">Whether it is locked.</param>
/// <param name="BoundAt">When it was bound.</param>
/// <param name="NextChangeAt">Until when the method cannot be changed again; null when it can now.</param>
/// <param name="AppliedAtSite">Null while the site has not applied the latest fact.</param>
/// <param name="Version">Grows with every change; the ETag.</param>
public sealed record WorkspaceView(
    string Id,
    string Name,
    string Language,
    SiteCode Site,
    BillingAccountId BillingAccountId,
    SettlementMethod SettlementMethod,
    string? CloudAccountId,
    string? ProductInstanceId,
    DateTimeOffset SettledSince,
    LockView Lock,
    DateTimeOffset BoundAt,
    DateTimeOffset? NextChangeAt,
    AppliedAtSite? AppliedAtSite,
    int Version);

/// <summary>A workspace's lock, as shown (surface).</summary>
/// <param name="State">What it comes to now.</param>
/// <param name="Reasons">All that hold.</param>
/// <param name="Since">Since when it is locked; null when it is not.</param>
/// <param name="BufferEndsAt">When it expires, or did; null when it is not locked.</param>
public sealed record LockView(LockState State, IReadOnlyList<LockReason> Reasons, DateTimeOffset? Since, DateTimeOffset? BufferEndsAt);

/// <summary>Up to where the site has applied what was decided at the Billing Center.</summary>
/// <param name="Position">Of the site's feed.</param>
/// <param name="At">When the site said so.</param>
public sealed record AppliedAtSite(long Position, DateTimeOffset At);

/// <summary>A workspace's lock as it is shown (rules §6); the end of the buffer follows from time alone.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockState>))]
public enum LockState
{
    /// <summary>Not locked.</summary>
    [JsonStringEnumMemberName("normal")]
    Normal,

    /// <summary>Locked, and the buffer runs: it can be viewed and takes data.</summary>
    [JsonStringEnumMemberName("locked")]
    Locked,

    /// <summary>The buffer has ended.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,

    /// <summary>Ended by its owner, for ever.</summary>
    [JsonStringEnumMemberName("dissolved")]
    Dissolved,
}
