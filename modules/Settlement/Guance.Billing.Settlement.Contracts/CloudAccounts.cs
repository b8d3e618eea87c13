using System.Text.Json.Serialization;
using Guance.Billing.CloudAccounts.Contracts;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>The cloud accounts registered with billing accounts, in the order of their keys.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Account">Whose; null for all accounts'.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListCloudAccounts(BillingAccountId? Account, int Limit, string? Cursor) : IQuery<Page<CloudAccountView>>;

/// <summary>A registered cloud account.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account ID there.</param>
/// <param name="BillingAccountId">Whose it is.</param>
/// <param name="ClaimedAt">Since when.</param>
public sealed record CloudAccountView(CloudProvider Provider, string AccountId, BillingAccountId BillingAccountId, DateTimeOffset ClaimedAt);

/// <summary>A registered cloud account, with what it bought and what it settles.</summary>
/// <remarks>Refusals: <c>cloud-account-unknown</c>.</remarks>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account ID there.</param>
/// <param name="OnlyAccount">Not found unless it is this account's; null for whoever may see all.</param>
public sealed record GetCloudAccount(CloudProvider Provider, string AccountId, BillingAccountId? OnlyAccount) : IQuery<CloudAccountDetails>;

/// <summary>A registered cloud account, with what it bought and what it settles.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account ID there.</param>
/// <param name="BillingAccountId">Whose it is.</param>
/// <param name="ClaimedAt">Since when.</param>
/// <param name="Subscriptions">Newest first.</param>
/// <param name="Sites">Where it settles workspaces.</param>
public sealed record CloudAccountDetails(
    CloudProvider Provider,
    string AccountId,
    BillingAccountId BillingAccountId,
    DateTimeOffset ClaimedAt,
    IReadOnlyList<CloudAccountDetails.Subscription> Subscriptions,
    IReadOnlyList<CloudAccountDetails.AtSite> Sites)
{
    /// <summary>One purchase.</summary>
    /// <param name="Id">Our id of it.</param>
    /// <param name="ProductInstanceId">The product instance ID.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="ChargingMode">As the order says; null until it is known.</param>
    /// <param name="RequestedAt">When the market asked for it.</param>
    /// <param name="ActivatedAt">When it became active.</param>
    /// <param name="ExpiresAt">When a period product runs out.</param>
    /// <param name="ClosedAt">When it was closed.</param>
    public sealed record Subscription(
        CloudSubscriptionId Id, string ProductInstanceId, CloudSubscriptionState State, string? ChargingMode,
        DateTimeOffset RequestedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? ClosedAt);

    /// <summary>What it settles at a site.</summary>
    /// <param name="Site">The site.</param>
    /// <param name="Workspaces">The workspaces bound there; of very many, the first.</param>
    public sealed record AtSite(SiteCode Site, IReadOnlyList<Workspace> Workspaces);

    /// <summary>A workspace that it settles.</summary>
    /// <param name="Id">The workspace.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="ProductInstanceId">By which purchase.</param>
    /// <param name="Lock">Whether it is locked.</param>
    public sealed record Workspace(string Id, string Name, string ProductInstanceId, LockState Lock);
}

/// <summary>A cancellation's progress (rules §5), or, before it, what it would do.</summary>
/// <remarks>Refusals: <c>cloud-subscription-unknown</c>, <c>closing-unknown</c>.</remarks>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID.</param>
/// <param name="OnlyAccount">Not found unless this account is concerned; null for whoever may see all.</param>
/// <param name="Preview">Of a subscription that is not closed: what closing it would do.</param>
public sealed record GetClosing(CloudProvider Provider, string InstanceId, BillingAccountId? OnlyAccount, bool Preview) : IQuery<ClosingView>;

/// <summary>A cancellation's progress (rules §5), or, before it, what it would do.</summary>
/// <param name="Preview">It has not been closed.</param>
/// <param name="State"><c>none</c>, <c>starting</c>, <c>started</c> (workspaces are losing the link), <c>announced</c> (all have; not every site has acknowledged) or <c>completed</c>.</param>
/// <param name="ClosedAt">The closing instant.</param>
/// <param name="CompletedAt">When the last site acknowledged.</param>
/// <param name="Effect">What the provider's policy is.</param>
/// <param name="Locks">Whether workspaces are locked.</param>
/// <param name="Workspaces">How many are concerned.</param>
/// <param name="FirstNames">Of a preview, the first of their names.</param>
/// <param name="Sites">By site.</param>
public sealed record ClosingView(
    bool Preview,
    string State,
    DateTimeOffset? ClosedAt,
    DateTimeOffset? CompletedAt,
    CancellationEffect Effect,
    bool Locks,
    int Workspaces,
    IReadOnlyList<string>? FirstNames,
    IReadOnlyList<ClosingAtSite> Sites);

/// <summary>A cancellation at one site.</summary>
/// <param name="Site">The site.</param>
/// <param name="Workspaces">How many of its workspaces are concerned.</param>
/// <param name="SentAt">When it was told all.</param>
/// <param name="AcknowledgedAt">When it said that it has applied all.</param>
public sealed record ClosingAtSite(SiteCode Site, int Workspaces, DateTimeOffset? SentAt, DateTimeOffset? AcknowledgedAt);

/// <summary>What a provider's cancellation does to the workspaces settled by the subscription (rules §5).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancellationEffect>))]
public enum CancellationEffect
{
    /// <summary>The link is lost and the workspaces are locked.</summary>
    [JsonStringEnumMemberName("unlink-and-lock")]
    UnlinkAndLock,

    /// <summary>The Billing Center settles from then on; nothing is locked.</summary>
    [JsonStringEnumMemberName("switch-to-billing-center")]
    SwitchToBillingCenter,
}
