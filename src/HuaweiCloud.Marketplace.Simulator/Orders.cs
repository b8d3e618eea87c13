using System.Globalization;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>A product of the simulated listing, as order query names it (protocol §5.1).</summary>
internal sealed record Product(string Name, string ChargingMode, string ProductId, string SkuCode, string ProductName)
{
    public static readonly Product PayPerUse = new("pay-per-use", "ON_DEMAND", "00301-110001-0--0", "SKU-OBSERVABILITY-USAGE", "Observability, pay per use");
    public static readonly Product PeriodMonth = new("period", "PERIOD", "00301-110002-0--0", "SKU-OBSERVABILITY-PERIOD", "Observability, monthly");
    public static readonly Product PeriodYear = new("period", "PERIOD", "00301-110003-0--0", "SKU-OBSERVABILITY-PERIOD", "Observability, yearly");

    /// <summary>Bought once, by the piece: each is worth 100 of the market's currency at the seller's.</summary>
    public static readonly Product PrepaidCard = new("prepaid-card", "ONE_TIME", "00301-110004-0--0", "SKU-PREPAID-CARD", "Prepaid card, 100 each");

    public bool IsPeriod => ChargingMode == "PERIOD";

    public bool IsPayPerUse => ChargingMode == "ON_DEMAND";
}

/// <summary>Who bought; one customer id may have many orders.</summary>
internal sealed record Buyer(string CustomerId, string CustomerName, string Email);

/// <summary>One order with its one line; never changed after it was placed.</summary>
internal sealed record Order
{
    public required string OrderId { get; init; }
    public string OrderLineId => OrderId + "-000001";

    /// <summary>NEW, RENEW or UNSUBSCRIBE here; mock orders have the other documented types too.</summary>
    public required string OrderType { get; init; }
    public required Product Product { get; init; }
    public required Buyer Buyer { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? PeriodType { get; init; }
    public int? PeriodNumber { get; init; }
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>How many were bought: order query's linearValue.</summary>
    public int Quantity { get; init; } = 1;

    /// <summary>List price in the market's currency; 0 for pay-per-use.</summary>
    public decimal Amount { get; init; }

    /// <summary>What the buyer's discount takes off the list price.</summary>
    public int DiscountPercent { get; init; }
}

/// <summary>What one NEW order became: the seller's instance as the buyer sees it. Guarded by the market's lock.</summary>
internal sealed class Subscription(Order order, bool isV1)
{
    public Order Order { get; } = order;
    public bool IsV1 { get; } = isV1;

    /// <summary>What the seller answered; null until then.</summary>
    public string? InstanceId { get; set; }

    /// <summary>The first instance id that any answer named, a lost one included: all later answers must name the same.</summary>
    public string? FirstNamedInstanceId { get; set; }

    public string Status { get; set; } = Statuses.Creating;
    public object? ApplicationInformation { get; set; }
    public object? UsageInformation { get; set; }
    public string? Note { get; set; }
    public DateTimeOffset? RunningAt { get; set; }
    public DateTimeOffset? FrozenAt { get; set; }

    /// <summary>When the seller acknowledged the release: usage up to here is charged.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    public DateTimeOffset? ExpireTime { get; set; } = order.ExpireTime;

    /// <summary>When it expired, until it is renewed; it is released when this is old enough.</summary>
    public DateTimeOffset? ExpiredAt { get; set; }

    public bool ReleaseAsked { get; set; }

    /// <summary>What the last freeze or unfreeze asked for, acknowledged or not.</summary>
    public bool FreezeWanted { get; set; }

    /// <summary>The call that asked for it: older ones are not retried, and their acknowledgement changes nothing.</summary>
    public long LastStatusCall { get; set; }
    public long LastStatusAcknowledged { get; set; }
    public long LastRefreshAcknowledged { get; set; }

    public bool IsClosed => Status == Statuses.Closed;

    public Subscription Copy() => (Subscription)MemberwiseClone();
}

internal static class Statuses
{
    public const string Creating = "creating";
    public const string Running = "running";
    public const string Frozen = "frozen";
    public const string Closed = "closed";
}

/// <summary>Dates as the protocol writes them, UTC all.</summary>
internal static class WireTime
{
    /// <summary>Zone of the market: order numbers, ends of periods and collection follow it.</summary>
    public static readonly TimeSpan MarketOffset = TimeSpan.FromHours(8);

    public static string Seconds(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    public static string Milliseconds(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);

    public static bool TryParseUsage(string? text, out DateTimeOffset at) =>
        DateTimeOffset.TryParseExact(text, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at);

    /// <summary>The end of a period bought at <paramref name="from"/>: 23:59:59 of the market's day (protocol §5.1).</summary>
    public static DateTimeOffset EndOfPeriod(DateTimeOffset from, string periodType, int number)
    {
        var local = from.ToOffset(MarketOffset);
        var day = (periodType == "year" ? local.AddYears(number) : local.AddMonths(number)).Date;
        return new DateTimeOffset(day.AddDays(1).AddSeconds(-1), MarketOffset).ToUniversalTime();
    }
}
