using System.Globalization;

namespace Guance.Billing.Settlement.Documents;

/// <summary>A calendar month of the billing time zone: the days of whose bills its documents are made.</summary>
internal sealed record BillingMonth(DateOnly First)
{
    // "After the 3rd" (rules §8): when that day is over.
    private const int LastDayOfWaiting = 3;

    public DateOnly Last => First.AddMonths(1).AddDays(-1);

    /// <summary>The day from whose beginning the month's bill can be had.</summary>
    public DateOnly ReadyOn => First.AddMonths(1).AddDays(LastDayOfWaiting);

    public static BillingMonth Of(DateOnly day) => new(new DateOnly(day.Year, day.Month, 1));

    public static BillingMonth Parse(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) && first.Year is > 1 and < 9999
            ? new(first)
            : throw BillingRefusal.InvalidField("month", "month-invalid", "Give the month as yyyy-MM, such as 2026-11.");

    public override string ToString() => First.ToString("yyyy-MM", CultureInfo.InvariantCulture);
}
