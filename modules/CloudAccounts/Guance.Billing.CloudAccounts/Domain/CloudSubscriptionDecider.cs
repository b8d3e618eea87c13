using Guance.Billing.CloudAccounts.Contracts;

namespace Guance.Billing.CloudAccounts.Domain;

/// <summary>What an order says, as far as a subscription needs it.</summary>
internal sealed record OrderFacts(
    string AccountId, string ChargingMode, string? ProductId, string? SkuCode, DateTimeOffset? ExpiresAt, DateTimeOffset PlacedAt);

/// <summary>What the market's calls mean for a subscription. Each may be repeated, late or out of order (rules §3): what is known already gives nothing.</summary>
internal static class CloudSubscriptionDecider
{
    /// <summary>The order behind the instance became known.</summary>
    public static IReadOnlyList<object> Identify(CloudSubscription subscription, OrderFacts order, DateTimeOffset now) => subscription switch
    {
        { AccountId: not null } => [],
        { ClosedAt: not null } => [new ClosedSubscriptionIdentified(subscription.Instance, order.AccountId, order.ChargingMode, order.PlacedAt, now)],
        _ => [new SubscriptionActivated(subscription.Instance, order.AccountId, order.ChargingMode, order.ProductId, order.SkuCode, order.ExpiresAt, order.PlacedAt, now)],
    };

    /// <summary>The market says whether the instance is to serve. What it signed last holds; of what it signed in one instant, the freeze.</summary>
    public static IReadOnlyList<object> SetStatus(CloudSubscription subscription, bool frozen, DateTimeOffset signedAt)
    {
        var isStale = signedAt < subscription.StatusSaidAt || (signedAt == subscription.StatusSaidAt && (subscription.IsFrozen || !frozen));
        if (subscription.State is CloudSubscriptionState.Closed || isStale)
        {
            return [];
        }

        // Saying the same again matters, too: it makes anything signed before it stale.
        return [frozen ? new SubscriptionFrozen(subscription.Instance, signedAt) : new SubscriptionUnfrozen(subscription.Instance, signedAt)];
    }

    /// <summary>
    /// The market sets an absolute expiry for an order. The same setting again changes nothing (protocol §10.6), unless it was signed
    /// before: a repeat, signed anew, can arrive first.
    /// </summary>
    public static IReadOnlyList<object> SetExpiry(
        CloudSubscription subscription, string orderId, string? orderLineId, string scene, DateTimeOffset expiresAt, DateTimeOffset signedAt)
    {
        var known = subscription.Expiries.FirstOrDefault(expiry => expiry.Says(orderId, orderLineId, scene, expiresAt));
        return known?.CalledAt <= signedAt || subscription.State is CloudSubscriptionState.Closed ? [] : [new ExpirySet(orderId, orderLineId, scene, expiresAt, signedAt)];
    }

    /// <summary>When the order behind an expiry was placed.</summary>
    public static IReadOnlyList<object> DateExpiry(CloudSubscription subscription, string orderId, string? orderLineId, DateTimeOffset placedAt) =>
        subscription.Expiries.Any(expiry => expiry.IsOf(orderId, orderLineId) && expiry.OrderPlacedAt is null)
            ? [new ExpiryOrderDated(orderId, orderLineId, placedAt)]
            : [];

    /// <summary>A paid upgrade, once an order (protocol §4.2).</summary>
    public static IReadOnlyList<object> Upgrade(CloudSubscription subscription, string orderId, string? orderLineId, DateTimeOffset signedAt) =>
        subscription.UpgradeOrders.Contains(orderId) || subscription.State is CloudSubscriptionState.Closed
            ? []
            : [new SubscriptionUpgraded(orderId, orderLineId, signedAt)];

    /// <summary>Close Resource: closed for ever, once. The old protocol names the purchase, which is no refund (protocol §8.1).</summary>
    public static IReadOnlyList<object> Close(CloudSubscription subscription, string? refundOrderId, DateTimeOffset signedAt) =>
        subscription.State is CloudSubscriptionState.Closed
            ? []
            : [new SubscriptionClosed(subscription.Instance, subscription.AccountId, refundOrderId == subscription.OrderId ? null : refundOrderId, signedAt)];
}
