namespace Guance.Billing.Workspaces.Domain;

/// <summary>A reason to lock that holds.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="ClosingId">The closing behind it, where there is one.</param>
internal sealed record HeldLock(LockReason Reason, string? ClosingId);

/// <summary>
/// A workspace at its site: its owner and name, which the site decides, and a replica of its method and lock, which the Billing Center
/// decides. The replica may come first, since the feed races with the activation's answer: until <see cref="IsCreated"/> nobody sees it.
/// Which notes are new is for the decider; state takes what is appended.
/// </summary>
internal sealed record Workspace
{
    public string Id { get; init; } = "";

    /// <summary>The version of its stream; filled in by the store.</summary>
    public int Version { get; set; }

    public string? OwnerUserId { get; init; }

    public string Name { get; init; } = "";

    public string Language { get; init; } = "";

    public DateTimeOffset? CreatedAt { get; init; }

    public BillingAccountId? BillingAccountId { get; init; }

    public SettlementMethod? Method { get; init; }

    public CloudAccountKey? CloudAccount { get; init; }

    /// <summary>The last version of its settlement stream at the Billing Center that was noted; 0 before the first.</summary>
    public long SettlementVersion { get; init; }

    public IReadOnlyList<HeldLock> Locks { get; init; } = [];

    /// <summary>When the present lock began; null while no reason holds.</summary>
    public DateTimeOffset? LockedSince { get; init; }

    /// <summary>When the present lock's buffer ended, once that is recorded.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }

    public DateTimeOffset? DissolvedAt { get; init; }

    public bool IsCreated => CreatedAt is not null;

    public DateTimeOffset? BufferEndsAt => LockedSince + LockBuffer.Length;

    /// <summary>When an expiry is to be recorded next; null when none is to come. Stored and indexed, the job's claim is by it.</summary>
    public DateTimeOffset? ExpiresAt => DissolvedAt is null && ExpiredAt is null ? BufferEndsAt : null;

    /// <summary>The closing that holds it locked, where one does. Stored and indexed, a closing's announcement finds its workspaces by it.</summary>
    public string? ClosingId => Locks.FirstOrDefault(held => held.ClosingId is not null)?.ClosingId;

    public Workspace Apply(WorkspaceCreated e)
    {
        var created = this with { OwnerUserId = e.OwnerUserId, Name = e.Name, Language = e.Language, CreatedAt = e.At };
        // What the Billing Center told meanwhile is newer than what it answered to the activation.
        return SettlementVersion > 0
            ? created
            : created with { BillingAccountId = e.BillingAccountId, Method = e.Method, CloudAccount = e.CloudAccount };
    }

    public Workspace Apply(BoundNoted e) => this with
    {
        BillingAccountId = e.BillingAccountId, Method = e.Method, CloudAccount = e.CloudAccount, SettlementVersion = e.SourceVersion,
    };

    public Workspace Apply(MethodNoted e) => this with { Method = e.Method, CloudAccount = e.CloudAccount, SettlementVersion = e.SourceVersion };

    public Workspace Apply(LockedNoted e) => this with
    {
        Locks = [.. Locks.Where(held => held.Reason != e.Reason), new HeldLock(e.Reason, e.ClosingId)],
        LockedSince = e.LockedSince,
        SettlementVersion = e.SourceVersion,
    };

    public Workspace Apply(LockLiftedNoted e) => Holding([.. Locks.Where(held => held.Reason != e.Reason)]) with { SettlementVersion = e.SourceVersion };

    public Workspace Apply(UnlockedNoted e) => Holding([]) with
    {
        Method = SettlementMethod.BillingCenter, CloudAccount = null, SettlementVersion = e.SourceVersion,
    };

    public Workspace Apply(WorkspaceExpired e) => this with { ExpiredAt = e.At };

    public Workspace Apply(WorkspaceDissolved e) => this with { DissolvedAt = e.At };

    private Workspace Holding(IReadOnlyList<HeldLock> locks) => this with
    {
        Locks = locks,
        LockedSince = locks.Count == 0 ? null : LockedSince,
        ExpiredAt = locks.Count == 0 ? null : ExpiredAt,
    };
}
