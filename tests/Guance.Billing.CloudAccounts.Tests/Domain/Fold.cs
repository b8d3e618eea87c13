using Guance.Billing.CloudAccounts.Domain;

namespace Guance.Billing.CloudAccounts.Tests.Domain;

/// <summary>A subscription from its events, as the store makes it.</summary>
internal static class Fold
{
    public const string Customer = "0123456789abcdef0123456789abcdef";

    public static readonly DateTimeOffset T0 = new(2026, 3, 1, 8, 30, 0, TimeSpan.Zero);

    public static readonly CloudInstanceKey Instance = new(CloudProvider.HuaweiCloud, "instance-1");

    public static readonly SubscriptionRequested Requested = new(CloudProvider.HuaweiCloud, "CS1", "CS1-000001", Instance.InstanceId, T0);

    public static readonly OrderFacts PayPerUse = new(Customer, "ON_DEMAND", "product-1", "sku-1", ExpiresAt: null, T0.AddMinutes(-1));

    public static readonly OrderFacts Monthly = PayPerUse with { ChargingMode = "PERIOD", ExpiresAt = T0.AddDays(30) };

    public static readonly SubscriptionActivated Activated = new(
        Instance, Customer, "PERIOD", "product-1", "sku-1", T0.AddDays(30), T0.AddMinutes(-1), T0.AddSeconds(5));

    public static readonly SubscriptionClosed Closed = new(Instance, Customer, RefundOrderId: null, T0.AddDays(2));

    public static CloudSubscription Of(params IEnumerable<object> events) => events.Aggregate(CloudSubscription.Create(Requested), On);

    public static CloudSubscription On(CloudSubscription subscription, object e) => e switch
    {
        SubscriptionActivated activated => subscription.Apply(activated),
        ClosedSubscriptionIdentified identified => subscription.Apply(identified),
        SubscriptionFrozen frozen => subscription.Apply(frozen),
        SubscriptionUnfrozen unfrozen => subscription.Apply(unfrozen),
        ExpirySet set => subscription.Apply(set),
        ExpiryOrderDated dated => subscription.Apply(dated),
        SubscriptionUpgraded upgraded => subscription.Apply(upgraded),
        SubscriptionClosed closed => subscription.Apply(closed),
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, message: null),
    };
}
