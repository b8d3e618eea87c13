using System.Collections.Frozen;
using System.Globalization;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>The answer of order query (protocol §5.1), for placed orders and for the documented mock orders.</summary>
internal static class OrderQuery
{
    private static readonly Buyer MockBuyer = new("68cbc86abc2018ab880d92f36422fa0e", "mock-customer", "mock@example.com");

    private static readonly FrozenDictionary<string, (string OrderType, string ChargingMode, string? PeriodType)> Mocks = new Dictionary<string, (string, string, string?)>(StringComparer.Ordinal)
    {
        ["MOCKPERIODYEARNEW"] = ("NEW", "PERIOD", "year"),
        ["MOCKONETIMENEW"] = ("NEW", "ONE_TIME", null),
        ["MOCKONDEMAND"] = ("NEW", "ON_DEMAND", null),
        ["MOCKONDEMANDPKG"] = ("NEW", "ON_DEMAND_PKG", null),
        ["MOCKPERIODDAYTRIAL"] = ("TRIAL", "PERIOD", "day"),
        ["MOCKMONTYTRIALTOFORMAL"] = ("TRIAL_TO_FORMAL", "PERIOD", "month"),
        ["MOCKMONTYUNSUBSCRIBE"] = ("UNSUBSCRIBE", "PERIOD", "month"),
        ["MOCKMONTYRENEW"] = ("RENEW", "PERIOD", "month"),
        ["MOCKMONTYCHANGE"] = ("CHANGE", "PERIOD", "month"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> MockOrderIds => Mocks.Keys;

    public static Order? Mock(string orderId)
    {
        if (!Mocks.TryGetValue(orderId, out var mock))
            return null;
        var created = new DateTimeOffset(2024, 11, 21, 6, 47, 36, TimeSpan.Zero);
        return new Order
        {
            OrderId = orderId,
            OrderType = mock.OrderType,
            Product = new Product("mock", mock.ChargingMode, "00301-666666-0--0", "mock-sku-code", "mock product"),
            Buyer = MockBuyer,
            CreatedAt = created,
            PeriodType = mock.PeriodType,
            PeriodNumber = mock.PeriodType is null ? null : 1,
            ExpireTime = mock.PeriodType is null ? null : new DateTimeOffset(2025, 11, 21, 23, 59, 59, TimeSpan.Zero),
            Amount = 100m,
        };
    }

    public static object Answer(Order order)
    {
        var amount = order.Amount.ToString("0.00", CultureInfo.InvariantCulture);
        var paid = (order.Amount * (100 - order.DiscountPercent) / 100).ToString("0.00", CultureInfo.InvariantCulture);
        return new
        {
            resultCode = "MKT.0000",
            resultMsg = "success",
            orderInfo = new
            {
                orderId = order.OrderId,
                orderType = order.OrderType,
                createTime = WireTime.Seconds(order.CreatedAt),
                orderLine = new[]
                {
                    new
                    {
                        orderLineId = order.OrderLineId,
                        chargingMode = order.Product.ChargingMode,
                        periodType = order.PeriodType,
                        periodNumber = order.PeriodNumber,
                        expireTime = order.ExpireTime is { } end ? WireTime.Seconds(end) : null,
                        productInfo = new[]
                        {
                            new
                            {
                                productId = order.Product.ProductId,
                                skuCode = order.Product.SkuCode,
                                linearValue = order.Quantity,
                                productName = order.Product.ProductName,
                            },
                        },
                        extendParams = Array.Empty<object>(),
                        currency = amount,
                        currencyAfterDiscount = paid,
                    },
                },
                buyerInfo = new
                {
                    customerId = order.Buyer.CustomerId,
                    customerName = order.Buyer.CustomerName,
                    customerRealName = order.Buyer.CustomerName,
                    customerType = 1,
                    mobilePhone = (string?)null,
                    email = order.Buyer.Email,
                    userId = (string?)null,
                    userName = (string?)null,
                },
                extendParams = Array.Empty<object>(),
            },
        };
    }
}
