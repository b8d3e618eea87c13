using System.Globalization;

namespace Guance.Billing.Web;

/// <summary>Who reads a page: in which language, and by which clock.</summary>
/// <param name="Language"><c>en</c> or <c>zh</c>.</param>
/// <param name="Zone">The browser's time zone.</param>
public sealed record Reader(string Language, TimeZoneInfo Zone)
{
    /// <summary>The words of the frame, and those that all pages share.</summary>
    public Words Words => Words.Of(Language);

    /// <summary>A moment, by the reader's clock.</summary>
    public string Time(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>A moment to the second, where that matters, by the reader's clock.</summary>
    public string Second(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, Zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A day of bills: it begins and ends in the billing time zone.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An amount with its currency, thousands apart, at least two decimals and as many as it has.</summary>
    public static string Amount(Money money) => $"{money.Amount.ToString("#,##0.00########", CultureInfo.InvariantCulture)} {money.Currency.Value}";

    /// <summary>A quantity, thousands apart, without zeros that say nothing.</summary>
    public static string Quantity(decimal quantity) => quantity.ToString("#,##0.##########", CultureInfo.InvariantCulture);

    /// <summary>How long something lasts, in its two largest units.</summary>
    public string Span(TimeSpan span) => (Language, span) switch
    {
        (_, { Ticks: <= 0 }) => Language == "zh" ? "0 秒" : "0 s",
        (_, { TotalSeconds: < 1 }) => Language == "zh" ? $"{span.Milliseconds} 毫秒" : $"{span.Milliseconds} ms",
        ("zh", { Days: > 0 }) => $"{span.Days} 天 {span.Hours} 小时",
        ("zh", { Hours: > 0 }) => $"{span.Hours} 小时 {span.Minutes} 分钟",
        ("zh", { Minutes: > 0 }) => $"{span.Minutes} 分钟 {span.Seconds} 秒",
        ("zh", _) => $"{span.Seconds} 秒",
        (_, { Days: > 0 }) => $"{span.Days} d {span.Hours} h",
        (_, { Hours: > 0 }) => $"{span.Hours} h {span.Minutes} min",
        (_, { Minutes: > 0 }) => $"{span.Minutes} min {span.Seconds} s",
        _ => $"{span.Seconds} s",
    };
}
