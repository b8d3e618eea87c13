using System.Text.Json.Serialization;
using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>How one workspace is settled, and whether it is locked. Its stream's key is the workspace's id.</summary>
internal sealed record WorkspaceSettlement
{
    public required string Id { get; init; }

    /// <summary>The stream's version; set by the store.</summary>
    public int Version { get; set; }

    public required SiteCode Site { get; init; }

    public required BillingAccountId Account { get; init; }

    public required string Name { get; init; }

    /// <summary><c>zh</c> or <c>en</c>.</summary>
    public required string Language { get; init; }

    public required SettlementMethod Method { get; init; }

    /// <summary>Present exactly where a cloud account settles.</summary>
    public CloudLink? Cloud { get; init; }

    public required DateTimeOffset BoundAt { get; init; }

    /// <summary>Since when the present method pays: the last cut.</summary>
    public required DateTimeOffset MethodSince { get; init; }

    /// <summary>When a user changed the method last; registration, unlocking and the system don't count (rules §4).</summary>
    public DateTimeOffset? UserChangedAt { get; init; }

    /// <summary>The reasons that hold, each once, in the order of their names' values.</summary>
    public IReadOnlyList<LockReason> Reasons { get; init; } = [];

    /// <summary>When the present lock began; null while no reason holds.</summary>
    public DateTimeOffset? LockedSince { get; init; }

    /// <summary>When the last lock ended: no later lock begins before it.</summary>
    public DateTimeOffset? UnlockedAt { get; init; }

    /// <summary>When the site said that the buffer had ended; null again once unlocked.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }

    public DateTimeOffset? DissolvedAt { get; init; }

    /// <summary>Every method, from its cut on.</summary>
    public IReadOnlyList<MethodCut> Cuts { get; init; } = [];

    /// <summary>Every reason to lock there has been.</summary>
    public IReadOnlyList<LockSpan> Locks { get; init; } = [];

    /// <summary>Who pays at each instant; rating reads it from the document.</summary>
    public IReadOnlyList<PayerSpan> Payers => PayerTimeline.Spans(Cuts, Locks);

    /// <summary>How many of the stream's last events came from the site and so are not told to it.</summary>
    public int FromSiteLast { get; init; }

    /// <summary>The version of the last event that the site is told.</summary>
    [JsonIgnore]
    public int VersionForSite => Version - FromSiteLast;

    [JsonIgnore]
    public bool IsDissolved => DissolvedAt is not null;

    [JsonIgnore]
    public DateTimeOffset? BufferEndsAt => LockedSince + LockBuffer.Length;

    // What lists and the closing look for, as text for the indexes.
    public string SiteKey => Site.Value;

    public string AccountKey => Account.Value;

    public string MethodKey => Method.Value;

    public string? CloudAccountKey => Cloud?.Account.ToString();

    public string? InstanceKey => Cloud?.Instance.ToString();

    public LockState LockAt(DateTimeOffset now) =>
        IsDissolved ? LockState.Dissolved
        : LockedSince is null ? LockState.Normal
        : now >= BufferEndsAt ? LockState.Expired
        : LockState.Locked;

    public bool Has(LockReason reason) => Reasons.Contains(reason);

    public static WorkspaceSettlement Create(WorkspaceBound e) => new()
    {
        Id = e.Workspace.Value,
        Site = e.Site,
        Account = e.Account,
        Name = e.Name,
        Language = e.Language,
        Method = e.Method,
        Cloud = e.Cloud,
        BoundAt = e.At,
        MethodSince = e.At,
        Cuts = PayerTimeline.Cut([], e.At, e.Cloud),
    };

    public WorkspaceSettlement Apply(WorkspaceMethodChanged e) => this with
    {
        Method = e.To,
        Cloud = e.Cloud,
        MethodSince = e.At,
        UserChangedAt = e.Cause is MethodChangeCause.User ? e.At : UserChangedAt,
        Cuts = PayerTimeline.Cut(Cuts, e.At, e.Cloud),
        FromSiteLast = 0,
    };

    public WorkspaceSettlement Apply(WorkspaceLocked e) => this with
    {
        Reasons = [.. Reasons.Append(e.Reason).Distinct().Order()],
        LockedSince = e.LockedSince,
        Locks = PayerTimeline.Lock(Locks, e.Reason, e.At),
        FromSiteLast = 0,
    };

    public WorkspaceSettlement Apply(WorkspaceLockLifted e)
    {
        var left = Reasons.Where(reason => reason != e.Reason).ToArray();
        var locks = PayerTimeline.Lift(Locks, e.Reason, e.At);
        return left.Length > 0
            ? this with { Reasons = left, Locks = locks, FromSiteLast = 0 }
            : this with { Reasons = left, Locks = locks, LockedSince = null, UnlockedAt = e.At, ExpiredAt = null, FromSiteLast = 0 };
    }

    public WorkspaceSettlement Apply(WorkspaceUnlocked e) =>
        this with { Reasons = [], Locks = PayerTimeline.Lift(Locks, null, e.At), LockedSince = null, UnlockedAt = e.At, ExpiredAt = null, FromSiteLast = 0 };

    public WorkspaceSettlement Apply(WorkspaceExpired e) => this with { ExpiredAt = e.At, FromSiteLast = FromSiteLast + 1 };

    public WorkspaceSettlement Apply(WorkspaceDissolved e) => this with { DissolvedAt = e.At, FromSiteLast = FromSiteLast + 1 };
}
