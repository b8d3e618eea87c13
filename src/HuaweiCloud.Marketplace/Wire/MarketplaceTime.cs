using System.Globalization;

namespace HuaweiCloud.Marketplace;

/// <summary>The wire's times: UTC, <c>yyyyMMddHHmmss</c> with or without milliseconds (protocol §2.3, §10.7).</summary>
internal static class MarketplaceTime
{
    public static DateTimeOffset? TryParse(string? text) =>
        DateTimeOffset.TryParseExact(text, ["yyyyMMddHHmmss", "yyyyMMddHHmmssfff"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    /// <summary>UNIX milliseconds; ten digits are seconds (protocol §10.1).</summary>
    public static DateTimeOffset? TryParseUnix(string text)
    {
        if (text.Length is not (10 or 13) || !text.All(char.IsAsciiDigit)) return null;
        var number = long.Parse(text, CultureInfo.InvariantCulture);
        return text.Length == 13 ? DateTimeOffset.FromUnixTimeMilliseconds(number) : DateTimeOffset.FromUnixTimeSeconds(number);
    }

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
}
