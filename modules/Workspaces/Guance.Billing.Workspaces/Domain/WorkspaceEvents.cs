namespace Guance.Billing.Workspaces.Domain;

/// <summary>The workspace of a completed activation exists at this site.</summary>
/// <param name="OwnerUserId">The console account that owns it.</param>
/// <param name="Name">1-256 characters.</param>
/// <param name="Language"><c>zh</c> or <c>en</c>.</param>
/// <param name="BillingAccountId">The billing account that it belongs to.</param>
/// <param name="Method">How the activation settled it.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
/// <param name="At">When the activation was completed.</param>
internal sealed record WorkspaceCreated(
    string OwnerUserId,
    string Name,
    string Language,
    BillingAccountId BillingAccountId,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount,
    DateTimeOffset At);

/// <summary>Something that the Billing Center decided about the workspace and this site noted: the Billing Center is the authority.</summary>
internal interface ISettlementNote
{
    /// <summary>The version of the workspace's settlement stream at the Billing Center; what is not newer than the last noted is old news.</summary>
    long SourceVersion { get; }
}

/// <summary>Bound to its billing account, with its first method.</summary>
internal sealed record BoundNoted(
    BillingAccountId BillingAccountId, SettlementMethod Method, CloudAccountKey? CloudAccount, DateTimeOffset At, long SourceVersion) : ISettlementNote;

/// <summary>Settled by another method from then on.</summary>
internal sealed record MethodNoted(SettlementMethod Method, CloudAccountKey? CloudAccount, DateTimeOffset At, long SourceVersion) : ISettlementNote;

/// <summary>A reason to lock holds.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="At">When the reason began to hold.</param>
/// <param name="LockedSince">When the lock began, with whichever reason; the buffer counts from here.</param>
/// <param name="ClosingId">The closing behind it, where there is one.</param>
/// <param name="SourceVersion">The version at the Billing Center.</param>
internal sealed record LockedNoted(
    LockReason Reason, DateTimeOffset At, DateTimeOffset LockedSince, string? ClosingId, long SourceVersion) : ISettlementNote;

/// <summary>A reason to lock holds no longer. The lock goes on, and its buffer with it, while another one holds.</summary>
internal sealed record LockLiftedNoted(LockReason Reason, DateTimeOffset At, long SourceVersion) : ISettlementNote;

/// <summary>A person unlocked it: no reason holds, and the Billing Center settles it (rules §6).</summary>
internal sealed record UnlockedNoted(DateTimeOffset At, long SourceVersion) : ISettlementNote;

/// <summary>The buffer of a lock ended without an unlock (rules §6); each lock expires at most once.</summary>
/// <param name="At">When the buffer ended.</param>
internal sealed record WorkspaceExpired(DateTimeOffset At);

/// <summary>Its owner dissolved it, for ever (rules §6).</summary>
internal sealed record WorkspaceDissolved(string By, DateTimeOffset At);
