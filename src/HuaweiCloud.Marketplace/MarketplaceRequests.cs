namespace HuaweiCloud.Marketplace;

/// <summary>One call of the marketplace to the seller, read and checked against the documented maxima (protocol §2, §8.1).</summary>
public abstract record MarketplaceRequest
{
    /// <summary>True for a debugging call (<c>testFlag</c> is <c>"1"</c>; anything else is real, protocol §10.5). The endpoint answers
    /// those itself, so a seller never sees one.</summary>
    public bool IsTest { get; init; }

    /// <summary>Fields the protocol page does not name, as they came: raw JSON (V2.0) or decoded text (V1.0). They may hold personal
    /// data, so log names only.</summary>
    public IReadOnlyDictionary<string, string> UnknownFields { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Create an instance for an order line (protocol §2.1, S3; V1.0 §8.1, S1). A repeat of the same
/// <see cref="IdempotencyKey"/> must get the same instance id and create nothing (protocol §4.2).</summary>
/// <param name="OrderId">The order, at most 64 characters.</param>
/// <param name="OrderLineId">The order's line; null on V1.0 and on the old "fat" V2.0 body, which have none.</param>
/// <param name="BusinessId">New on every call, repeats included: never a key, but the first one is the recommended instance id.</param>
public sealed record NewInstanceRequest(string OrderId, string? OrderLineId, string BusinessId) : MarketplaceRequest
{
    /// <summary>What the call itself says about the order: always on V1.0 and the old fat V2.0 body, otherwise null (ask
    /// <see cref="HuaweiMarketplaceClient.GetOrderAsync"/>).</summary>
    public OrderFacts? Facts { get; init; }

    /// <summary>Equal for repeats of one purchase: (order, line) on V2.0; (order, product) on V1.0, where one pay-per-use order makes
    /// one instance per product (protocol §4.2).</summary>
    public string IdempotencyKey => $"{OrderId}/{OrderLineId ?? (Facts is { Products: [var product, ..] } ? product.ProductId : "")}";
}

/// <summary>Tell about instances (protocol §2.2, S4). Polled after a creation, and live when a buyer opens the resource details: fast,
/// and without effects.</summary>
/// <param name="InstanceIds">1 to 100 ids, as asked, without repeats.</param>
public sealed record QueryInstanceRequest(IReadOnlyList<string> InstanceIds) : MarketplaceRequest;

/// <summary>Set the instance's expiry to an absolute time; never add a period (protocol §2.3, S5).</summary>
/// <param name="InstanceId">The instance, unchanged for its life.</param>
/// <param name="Scene">Why the expiry changes. On V1.0 read from <c>trialToFormal</c> and the sign of <c>orderAmount</c>.</param>
/// <param name="OrderId">The conversion, renewal or refund order; opaque (protocol §10.6).</param>
/// <param name="OrderLineId">The order's line; null on V1.0.</param>
/// <param name="ProductId">Present when the period's type changes.</param>
/// <param name="ExpiresAt">The new expiry. On V1.0 this call alone renews a frozen instance, so the seller unfreezes it (protocol §4.3).</param>
public sealed record RefreshInstanceRequest(
    string InstanceId, RefreshScene Scene, string OrderId, string? OrderLineId, string? ProductId, DateTimeOffset ExpiresAt) : MarketplaceRequest
{
    /// <summary>What the call itself says about the order (V1.0 only).</summary>
    public OrderFacts? Facts { get; init; }
}

/// <summary>Why an expiry changes (protocol §2.3).</summary>
public enum RefreshScene
{
    /// <summary><c>TRIAL_TO_FORMAL</c>: a trial is bought.</summary>
    TrialToFormal,

    /// <summary><c>RENEWAL</c>: a renewal, by hand or by itself.</summary>
    Renewal,

    /// <summary><c>UNSUBSCRIBE_RENEWAL_PERIOD</c>: a renewal is refunded; the expiry moves earlier, the service goes on.</summary>
    UnsubscribeRenewalPeriod,

    /// <summary><c>RENEWAL_CHANGE</c>: a renewal with another product (added 2024-25).</summary>
    RenewalChange,
}

/// <summary>Freeze or unfreeze (protocol §2.4, S6): at expiry, for violations or arrears, and back. V1.0's <c>expireInstance</c> arrives
/// here as <see cref="InstanceStatus.Freeze"/>, its <c>instanceStatus</c> as what it says (protocol §8.1).</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Status">What it shall be.</param>
public sealed record UpdateInstanceStatusRequest(string InstanceId, InstanceStatus Status) : MarketplaceRequest;

/// <summary>What an instance shall be (protocol §2.4, §10.15).</summary>
public enum InstanceStatus
{
    /// <summary><c>FREEZE</c>: out of service, data kept.</summary>
    Freeze,

    /// <summary><c>UNFREEZE</c>, or V1.0's <c>NORMAL</c>: in service again.</summary>
    Unfreeze,
}

/// <summary>Delete an instance (protocol §2.5, S7). Repeats succeed without doing anything again.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="OrderId">V2.0: the refund order, when an unsubscription is the cause; V1.0: the order of the purchase.</param>
/// <param name="OrderLineId">The refund order's line.</param>
public sealed record ReleaseInstanceRequest(string InstanceId, string? OrderId, string? OrderLineId) : MarketplaceRequest;

/// <summary>A paid upgrade or scale-out of an instance (protocol §2.6, S8), idempotent by <paramref name="OrderId"/>. On V2.0 ask
/// <see cref="HuaweiMarketplaceClient.GetOrderAsync"/> for the new product and quantity.</summary>
/// <param name="InstanceId">The instance, unchanged.</param>
/// <param name="OrderId">The new order.</param>
/// <param name="OrderLineId">Its line; null on V1.0.</param>
public sealed record UpgradeInstanceRequest(string InstanceId, string OrderId, string? OrderLineId) : MarketplaceRequest
{
    /// <summary>What the call itself says about the order (V1.0 only).</summary>
    public OrderFacts? Facts { get; init; }
}

/// <summary>May this instance be renewed with another product (protocol §2.7, S9)? Refuse with a sentence for the buyer when the present
/// use exceeds the target. Changes nothing.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="Target">The product it would become; its fields are not tabulated by the marketplace, so each may be missing.</param>
public sealed record ChangeInstanceCheckRequest(string InstanceId, OrderProduct Target) : MarketplaceRequest;

/// <summary>An order exists (protocol §2.8, S14). Optional; ask <see cref="HuaweiMarketplaceClient.GetOrderAsync"/> what it is.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="OrderLineId">Its line.</param>
public sealed record OrderNotifyRequest(string OrderId, string OrderLineId) : MarketplaceRequest;

/// <summary>What a call says about an order beyond its ids (protocol §8.1; the old fat body of §2.1). Every member may be missing.</summary>
public sealed record OrderFacts
{
    /// <summary>How it is charged, in V2.0's words (<see cref="ChargingModes"/>) whichever version said it; an unknown value as it came.</summary>
    public string? ChargingMode { get; init; }

    /// <summary><c>year</c>, <c>month</c>, <c>day</c>.</summary>
    public string? PeriodType { get; init; }

    /// <summary>How many periods.</summary>
    public int? PeriodNumber { get; init; }

    /// <summary>Paid amount in the site's currency (yuan, US dollars), at most 3 decimals; negative on the refund of a renewal. For
    /// reconciliation only (protocol §9).</summary>
    public decimal? OrderAmount { get; init; }

    /// <summary>True for a trial.</summary>
    public bool? IsTrial { get; init; }

    /// <summary>As sent; the values are not documented.</summary>
    public string? ProvisionType { get; init; }

    /// <summary>When the order was placed.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>An estimate: the marketplace's own freeze call decides (protocol §4.3).</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is bought; on V1.0 at most one.</summary>
    public IReadOnlyList<OrderProduct> Products { get; init; } = [];

    /// <summary>V1.0's linear attribute <c>amount</c>.</summary>
    public int? Quantity { get; init; }

    /// <summary>V1.0's linear attribute <c>diskSize</c>.</summary>
    public int? DiskSizeGigabytes { get; init; }

    /// <summary>V1.0's linear attribute <c>bandWidth</c>.</summary>
    public int? BandwidthMegabits { get; init; }

    /// <summary>Fields the buyer filled in.</summary>
    public IReadOnlyList<OrderExtendParam> ExtendParams { get; init; } = [];

    /// <summary>Who buys.</summary>
    public OrderBuyer? Buyer { get; init; }
}

/// <summary>A product of an order (protocol §5.1).</summary>
/// <param name="ProductId">Differs per type of period.</param>
/// <param name="SkuCode">Stable when the period changes.</param>
/// <param name="LinearValue">The purchased quantity.</param>
/// <param name="ProductName">For people.</param>
public sealed record OrderProduct(string? ProductId, string? SkuCode, decimal? LinearValue, string? ProductName = null);

/// <summary>A field the buyer filled in, such as <c>emailDomainName</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What was filled in.</param>
public sealed record OrderExtendParam(string Name, string? Value);

/// <summary>Who buys (protocol §5.1, §8.1). <see cref="ToString"/> shows the customer id alone, so that no log holds personal data.</summary>
public sealed record OrderBuyer
{
    /// <summary>The buyer's Huawei Cloud account id.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The account's name.</summary>
    public string? CustomerName { get; init; }

    /// <summary>The verified real name.</summary>
    public string? CustomerRealName { get; init; }

    /// <summary>−1 none, 0 person, 1 enterprise (inferred, protocol §5.1).</summary>
    public string? CustomerType { get; init; }

    /// <summary>The IAM user's id; no longer passed for what was created after 2025-10-25.</summary>
    public string? UserId { get; init; }

    /// <summary>The IAM user's name; as <see cref="UserId"/>.</summary>
    public string? UserName { get; init; }

    /// <summary>Mobile number, decrypted; null when missing or unreadable.</summary>
    public string? MobilePhone { get; init; }

    /// <summary>E-mail address, decrypted; null when missing or unreadable.</summary>
    public string? Email { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(OrderBuyer)} {{ CustomerId = {CustomerId} }}";
}

/// <summary>How an order line is charged (protocol §5.1). V1.0's numbers 0, 1, 3 and 5 are read as these (protocol §8.1).</summary>
public static class ChargingModes
{
    /// <summary>Pay per use.</summary>
    public const string OnDemand = "ON_DEMAND";

    /// <summary>Once.</summary>
    public const string OneTime = "ONE_TIME";

    /// <summary>By year or month.</summary>
    public const string Period = "PERIOD";

    /// <summary>A package of pay-per-use quantity.</summary>
    public const string OnDemandPackage = "ON_DEMAND_PKG";
}
