namespace Guance.Billing.Settlement.Contracts;

/// <summary>A workspace's settlement and lock.</summary>
/// <remarks>Refusals: <c>workspace-unknown</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OnlyAccount">Not found unless it is this account's; null for whoever may see all.</param>
public sealed record GetWorkspace(WorkspaceId WorkspaceId, BillingAccountId? OnlyAccount) : IQuery<WorkspaceView>;

/// <summary>Every fact of a workspace, oldest first.</summary>
/// <remarks>Refusals: <c>workspace-unknown</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OnlyAccount">Not found unless it is this account's; null for whoever may see all.</param>
public sealed record GetWorkspaceHistory(WorkspaceId WorkspaceId, BillingAccountId? OnlyAccount) : IQuery<Page<HistoryFact>>;

/// <summary>A fact of a workspace's history, in words for people.</summary>
/// <param name="At">Since when.</param>
/// <param name="What"><c>bound</c>, <c>method-changed</c>, <c>locked</c>, <c>lock-lifted</c>, <c>unlocked</c>, <c>expired</c> or <c>dissolved</c>.</param>
/// <param name="By">Who.</param>
/// <param name="Details">What it was about, by name; values as they are written in JSON.</param>
public sealed record HistoryFact(DateTimeOffset At, string What, string By, IReadOnlyDictionary<string, object?> Details);
