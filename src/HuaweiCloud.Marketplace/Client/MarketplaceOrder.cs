namespace HuaweiCloud.Marketplace;

/// <summary>An order as the marketplace tells it (protocol §5.1, S19o).</summary>
/// <param name="OrderId">The order.</param>
/// <param name="OrderType">One of <see cref="MarketplaceOrderTypes"/>, or one not documented yet.</param>
/// <param name="CreatedAt">When it was placed, not when it takes effect.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Buyer">Who buys.</param>
/// <param name="ExtendParams">Fields the buyer filled in, for the whole order.</param>
public sealed record MarketplaceOrder(
    string OrderId, string OrderType, DateTimeOffset CreatedAt, IReadOnlyList<MarketplaceOrderLine> Lines, OrderBuyer? Buyer,
    IReadOnlyList<OrderExtendParam> ExtendParams);

/// <summary>A line of an order (protocol §5.1).</summary>
/// <param name="OrderLineId">The line.</param>
/// <param name="ChargingMode">One of <see cref="ChargingModes"/>, or one not documented yet.</param>
/// <param name="PeriodType"><c>year</c>, <c>month</c>, <c>day</c>.</param>
/// <param name="PeriodNumber">How many periods.</param>
/// <param name="ExpiresAt">When it ends; an estimate until the marketplace's own freeze call (protocol §4.3).</param>
/// <param name="Products">What is bought.</param>
/// <param name="ListPrice">The wire's <c>currency</c>, an amount despite its name; for reconciliation only (protocol §5.1).</param>
/// <param name="PriceAfterDiscount">The wire's <c>currencyAfterDiscount</c>.</param>
/// <param name="ExtendParams">Fields the buyer filled in.</param>
public sealed record MarketplaceOrderLine(
    string OrderLineId, string ChargingMode, string? PeriodType, int? PeriodNumber, DateTimeOffset? ExpiresAt, IReadOnlyList<OrderProduct> Products,
    decimal? ListPrice, decimal? PriceAfterDiscount, IReadOnlyList<OrderExtendParam> ExtendParams);

/// <summary>Types of orders (protocol §5.1).</summary>
public static class MarketplaceOrderTypes
{
    /// <summary>A purchase.</summary>
    public const string New = "NEW";

    /// <summary>A trial.</summary>
    public const string Trial = "TRIAL";

    /// <summary>A trial is bought.</summary>
    public const string TrialToFormal = "TRIAL_TO_FORMAL";

    /// <summary>A refund.</summary>
    public const string Unsubscribe = "UNSUBSCRIBE";

    /// <summary>A renewal.</summary>
    public const string Renew = "RENEW";

    /// <summary>An upgrade, a scale-out or another change.</summary>
    public const string Change = "CHANGE";
}
