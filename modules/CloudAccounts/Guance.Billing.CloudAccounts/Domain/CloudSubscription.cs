using Guance.Billing.CloudAccounts.Contracts;

namespace Guance.Billing.CloudAccounts.Domain;

/// <summary>The market asked for an instance (newInstance). What was bought is not known yet.</summary>
/// <param name="OrderLineId">Where the protocol's old version names none, the product: it tells an order's instances apart there (protocol §4.2).</param>
/// <param name="InstanceId">Answered to the market, for ever: the first call's businessId (protocol §2.1).</param>
internal sealed record SubscriptionRequested(CloudProvider Provider, string OrderId, string? OrderLineId, string InstanceId, DateTimeOffset At);

/// <summary>The order behind the instance is known, and it was open then.</summary>
internal sealed record SubscriptionActivated(
    CloudInstanceKey Instance, string AccountId, string ChargingMode, string? ProductId, string? SkuCode, DateTimeOffset? ExpiresAt, DateTimeOffset OrderPlacedAt, DateTimeOffset At);

/// <summary>The order became known only after the instance had been closed: it never becomes active.</summary>
internal sealed record ClosedSubscriptionIdentified(CloudInstanceKey Instance, string AccountId, string ChargingMode, DateTimeOffset OrderPlacedAt, DateTimeOffset At);

/// <summary>The market froze the instance (again: a later call that says so moves the date).</summary>
/// <param name="At">The time that the market signed: what was said last holds, however calls overtake each other.</param>
internal sealed record SubscriptionFrozen(CloudInstanceKey Instance, DateTimeOffset At);

/// <summary>The market unfroze the instance.</summary>
/// <param name="At">The time that the market signed.</param>
internal sealed record SubscriptionUnfrozen(CloudInstanceKey Instance, DateTimeOffset At);

/// <summary>The market set another expiry (refreshInstance) for an order.</summary>
/// <param name="Scene">Why, as the market names it.</param>
/// <param name="CalledAt">The time that the market signed when it first said so; stands in for the order's until that is known.</param>
internal sealed record ExpirySet(string OrderId, string? OrderLineId, string Scene, DateTimeOffset ExpiresAt, DateTimeOffset CalledAt);

/// <summary>When the order behind an expiry was placed: the newest order's expiry holds, whatever came first.</summary>
internal sealed record ExpiryOrderDated(string OrderId, string? OrderLineId, DateTimeOffset PlacedAt);

/// <summary>The buyer upgraded or scaled the instance by a new order.</summary>
internal sealed record SubscriptionUpgraded(string OrderId, string? OrderLineId, DateTimeOffset At);

/// <summary>The market released the instance: closed for ever.</summary>
/// <param name="AccountId">Null if the order was not known yet.</param>
/// <param name="At">The closing instant: the time that the market signed.</param>
internal sealed record SubscriptionClosed(CloudInstanceKey Instance, string? AccountId, string? RefundOrderId, DateTimeOffset At);

/// <summary>One expiry that the market set, with what orders it among others.</summary>
internal sealed record Expiry(string OrderId, string? OrderLineId, string Scene, DateTimeOffset ExpiresAt, DateTimeOffset CalledAt, DateTimeOffset? OrderPlacedAt)
{
    public bool IsOf(string orderId, string? orderLineId) => OrderId == orderId && OrderLineId == orderLineId;

    public bool Says(string orderId, string? orderLineId, string scene, DateTimeOffset expiresAt) =>
        IsOf(orderId, orderLineId) && Scene == scene && ExpiresAt == expiresAt;
}

/// <summary>A purchase of the product on a cloud's market. Dates and order facts decide its state, never the order of arrival (rules §3).</summary>
internal sealed record CloudSubscription(
    string Id,
    CloudProvider Provider,
    string OrderId,
    string? OrderLineId,
    string InstanceId,
    DateTimeOffset RequestedAt)
{
    public string? AccountId { get; init; }

    public string? ChargingMode { get; init; }

    public string? ProductId { get; init; }

    public DateTimeOffset? OrderPlacedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; init; }

    public DateTimeOffset? FirstExpiresAt { get; init; }

    public IReadOnlyList<Expiry> Expiries { get; init; } = [];

    public IReadOnlyList<string> UpgradeOrders { get; init; } = [];

    public bool IsFrozen { get; init; }

    public DateTimeOffset? StatusSaidAt { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The provider as plain text: what the store can be asked for.</summary>
    public string ProviderCode => Provider.Value;

    public CloudInstanceKey Instance => new(Provider, InstanceId);

    public CloudSubscriptionState State => this switch
    {
        { ClosedAt: not null } => CloudSubscriptionState.Closed,
        { AccountId: null } => CloudSubscriptionState.Requested,
        { IsFrozen: true } => CloudSubscriptionState.Frozen,
        _ => CloudSubscriptionState.Active,
    };

    /// <summary>
    /// The expiry of the newest order, of one order's the one said last; absolute, periods are never added (protocol §2.3). What is closed
    /// runs out no more.
    /// </summary>
    public DateTimeOffset? ExpiresAt => ClosedAt is not null
        ? null
        : Expiries.MaxBy(expiry => (expiry.OrderPlacedAt ?? expiry.CalledAt, expiry.CalledAt, expiry.ExpiresAt))?.ExpiresAt ?? FirstExpiresAt;

    public static CloudSubscription Create(SubscriptionRequested e) =>
        new(SubscriptionKey.Of(e.Provider, e.OrderId, e.OrderLineId).Value, e.Provider, e.OrderId, e.OrderLineId, e.InstanceId, e.At);

    public CloudSubscription Apply(SubscriptionActivated e) => this with
    {
        AccountId = e.AccountId,
        ChargingMode = e.ChargingMode,
        ProductId = e.ProductId,
        FirstExpiresAt = e.ExpiresAt,
        OrderPlacedAt = e.OrderPlacedAt,
        ActivatedAt = e.At,
    };

    public CloudSubscription Apply(ClosedSubscriptionIdentified e) => this with { AccountId = e.AccountId, ChargingMode = e.ChargingMode, OrderPlacedAt = e.OrderPlacedAt };

    public CloudSubscription Apply(SubscriptionFrozen e) => this with { IsFrozen = true, StatusSaidAt = e.At };

    public CloudSubscription Apply(SubscriptionUnfrozen e) => this with { IsFrozen = false, StatusSaidAt = e.At };

    public CloudSubscription Apply(ExpirySet e) => this with
    {
        Expiries =
        [
            .. Expiries.Where(expiry => !expiry.Says(e.OrderId, e.OrderLineId, e.Scene, e.ExpiresAt)),
            new(e.OrderId, e.OrderLineId, e.Scene, e.ExpiresAt, e.CalledAt, Expiries.FirstOrDefault(expiry => expiry.IsOf(e.OrderId, e.OrderLineId))?.OrderPlacedAt),
        ],
    };

    public CloudSubscription Apply(ExpiryOrderDated e) => this with
    {
        Expiries = [.. Expiries.Select(expiry => expiry.IsOf(e.OrderId, e.OrderLineId) ? expiry with { OrderPlacedAt = e.PlacedAt } : expiry)],
    };

    public CloudSubscription Apply(SubscriptionUpgraded e) => this with { UpgradeOrders = [.. UpgradeOrders, e.OrderId] };

    public CloudSubscription Apply(SubscriptionClosed e) => this with { ClosedAt = e.At };
}

/// <summary>Our id of a purchase: the same for every repeat of its newInstance (protocol §4.2).</summary>
internal static class SubscriptionKey
{
    public static CloudSubscriptionId Of(CloudProvider provider, string orderId, string? orderLineId) =>
        Ids.Deterministic<CloudSubscriptionId>(provider.Value, orderId, orderLineId ?? "");
}
