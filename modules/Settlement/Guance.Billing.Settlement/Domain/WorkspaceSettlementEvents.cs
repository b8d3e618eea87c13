using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Domain;

/// <summary>The subscription by which a workspace is settled: the purchase, and the cloud account that owns it.</summary>
internal sealed record CloudLink(CloudProvider Provider, string AccountId, string InstanceId)
{
    [JsonIgnore]
    public CloudAccountKey Account => new(Provider, AccountId);

    [JsonIgnore]
    public CloudInstanceKey Instance => new(Provider, InstanceId);
}

/// <summary>Why a method changed. Only a change by the user counts for the monthly limit (rules §4).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MethodChangeCause>))]
internal enum MethodChangeCause
{
    [JsonStringEnumMemberName("user")]
    User,

    /// <summary>Unlocking, or binding a new subscription to a workspace whose own was closed: neither counts.</summary>
    [JsonStringEnumMemberName("unlock")]
    Unlock,

    /// <summary>The subscription was closed at the cloud market (rules §5).</summary>
    [JsonStringEnumMemberName("provider")]
    Provider,
}

internal sealed record WorkspaceBound(
    WorkspaceId Workspace,
    SiteCode Site,
    BillingAccountId Account,
    string Name,
    string Language,
    SettlementMethod Method,
    CloudLink? Cloud,
    RegistrationId Registration,
    DateTimeOffset At);

/// <summary>From <paramref name="At"/> on, the workspace's usage is paid by the new method; up to it, by the one before.</summary>
internal sealed record WorkspaceMethodChanged(
    SiteCode Site, SettlementMethod From, SettlementMethod To, CloudLink? Cloud, MethodChangeCause Cause, string By, DateTimeOffset At);

/// <summary>
/// A reason to lock holds from <paramref name="At"/> on; <paramref name="LockedSince"/> is when the present lock began, and
/// <paramref name="ClosingId"/> the closing behind <c>subscription-closed</c>.
/// </summary>
internal sealed record WorkspaceLocked(
    SiteCode Site, LockReason Reason, DateTimeOffset At, DateTimeOffset LockedSince, string By, string? Note, string? ClosingId);

internal sealed record WorkspaceLockLifted(SiteCode Site, LockReason Reason, DateTimeOffset At, string By, string? Note);

/// <summary>A person unlocked it: no reason holds any more, and the Billing Center settles it (rules §6).</summary>
internal sealed record WorkspaceUnlocked(SiteCode Site, DateTimeOffset At, string By, string? Note);

/// <summary>Its site says that the buffer has ended there.</summary>
internal sealed record WorkspaceExpired(SiteCode Site, DateTimeOffset At);

/// <summary>Its site says that its owner dissolved it, for ever.</summary>
internal sealed record WorkspaceDissolved(SiteCode Site, DateTimeOffset At, string By);
