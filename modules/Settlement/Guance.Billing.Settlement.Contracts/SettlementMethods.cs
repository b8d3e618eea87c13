namespace Guance.Billing.Settlement.Contracts;

/// <summary>Settle a workspace by another method from now on (rules §4). The same method again is accepted and does nothing.</summary>
/// <remarks>
/// Refusals: <c>workspace-unknown</c>, <c>workspace-dissolved</c>, <c>workspace-locked</c>, <c>stale</c>, <c>change-limit-reached</c>, <c>closing-under-way</c>,
/// <c>cloud-subscription-open</c>, <c>cloud-subscription-unknown</c>, <c>cloud-subscription-not-ready</c>, <c>cloud-subscription-closed</c>,
/// <c>cloud-subscription-frozen</c>, <c>cloud-account-claimed</c>, <c>cloud-account-id-required</c>, <c>product-instance-id-required</c>,
/// <c>product-instance-id-invalid</c>.
/// </remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OnlyAccount">Refused unless it is this account's; null for whoever may change any.</param>
/// <param name="By">Who, as histories name it.</param>
/// <param name="Method">The method wanted.</param>
/// <param name="CloudAccountId">The account ID, of a cloud account.</param>
/// <param name="ProductInstanceId">The product instance ID; null for the newest open subscription of a cloud account that is registered already.</param>
/// <param name="ExpectedVersion">The version that the decision is made on; null when the caller doesn't mind.</param>
/// <param name="Preview">Say what would happen, and change nothing.</param>
public sealed record ChangeSettlementMethod(
    WorkspaceId WorkspaceId,
    BillingAccountId? OnlyAccount,
    string By,
    SettlementMethod Method,
    string? CloudAccountId,
    string? ProductInstanceId,
    int? ExpectedVersion,
    bool Preview) : ICommand<MethodChange>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct? Act => OnlyAccount is not null || Preview ? null : new(By, "change-settlement-method", WorkspaceId.Value, Method.Value);
}

/// <summary>How a workspace is settled.</summary>
/// <param name="Method">The method.</param>
/// <param name="CloudAccountId">The cloud account that pays; null for the Billing Center.</param>
/// <param name="ProductInstanceId">The purchase that pays; null for the Billing Center.</param>
public sealed record SettledBy(SettlementMethod Method, string? CloudAccountId, string? ProductInstanceId);

/// <summary>What a change does, or would do.</summary>
/// <param name="Id">The workspace.</param>
/// <param name="Preview">Nothing was changed.</param>
/// <param name="Changed">Whether the method differs from the one before.</param>
/// <param name="SettlementMethod">The method afterwards.</param>
/// <param name="CloudAccountId">The cloud account afterwards.</param>
/// <param name="ProductInstanceId">The product instance afterwards.</param>
/// <param name="From">Who pays what is used before <paramref name="EffectiveAt"/>.</param>
/// <param name="To">Who pays what is used from then on.</param>
/// <param name="EffectiveAt">The cut; of a preview, when it would be if it were made now.</param>
/// <param name="NextChangeAt">When the user may change the method again after it; null when at once.</param>
/// <param name="Unlocks">Whether the workspace is unlocked by it.</param>
/// <param name="Warnings">What one should know before.</param>
/// <param name="Version">The workspace's version afterwards, as in ETag.</param>
public sealed record MethodChange(
    WorkspaceId Id,
    bool Preview,
    bool Changed,
    SettlementMethod SettlementMethod,
    string? CloudAccountId,
    string? ProductInstanceId,
    SettledBy From,
    SettledBy To,
    DateTimeOffset EffectiveAt,
    DateTimeOffset? NextChangeAt,
    bool Unlocks,
    IReadOnlyList<string> Warnings,
    int Version);

/// <summary>The billing account's user unlocks (rules §6): the Billing Center settles afterwards. Not locked: nothing changes.</summary>
/// <remarks>Refusals: <c>workspace-unknown</c>, <c>workspace-dissolved</c>, <c>operator-lock-holds</c>, <c>account-in-arrears</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OnlyAccount">Refused unless it is this account's; null for whoever may unlock any.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record UnlockWorkspace(WorkspaceId WorkspaceId, BillingAccountId? OnlyAccount, string By) : ICommand<WorkspaceChanged>;

/// <summary>What a workspace is after a command.</summary>
/// <param name="Id">The workspace.</param>
/// <param name="SettlementMethod">Who pays.</param>
/// <param name="CloudAccountId">The cloud account that pays; null for the Billing Center.</param>
/// <param name="ProductInstanceId">The purchase that pays; null for the Billing Center.</param>
/// <param name="Lock">Whether it is locked.</param>
/// <param name="Version">Grows with every change; the ETag.</param>
public sealed record WorkspaceChanged(
    string Id, SettlementMethod SettlementMethod, string? CloudAccountId, string? ProductInstanceId, LockView Lock, int Version);
