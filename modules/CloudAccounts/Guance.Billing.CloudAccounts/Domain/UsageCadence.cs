namespace Guance.Billing.CloudAccounts.Domain;

/// <summary>When the market collects what was pushed, and how long a record's window may be: as the product is set up there (protocol §5.2.1, .4).</summary>
/// <param name="WindowMax">The longest window.</param>
/// <param name="Lead">How long before the end of its day or hour a collection is: what arrives later belongs to the next.</param>
/// <param name="Step">From one collection to the next.</param>
internal sealed record UsageCadence(TimeSpan WindowMax, TimeSpan Lead, TimeSpan Step)
{
    /// <summary>The clock of the collection is Beijing's.</summary>
    private static readonly TimeSpan MarketOffset = TimeSpan.FromHours(8);

    /// <summary>Each day at 01:00; a window lasts as long as it has to.</summary>
    public static readonly UsageCadence Daily = new(UsagePushPlanner.AgeMax, TimeSpan.FromHours(23), TimeSpan.FromDays(1));

    /// <summary>
    /// Each hour at minute 15; a window is at most an hour. Amounts are known once a day is closed, so an hourly product gets a day's amount
    /// in the day's last hour.
    /// </summary>
    public static readonly UsageCadence Hourly = new(TimeSpan.FromHours(1), TimeSpan.FromMinutes(45), TimeSpan.FromHours(1));

    /// <summary>The first collection after an instant.</summary>
    public DateTimeOffset NextCollection(DateTimeOffset after)
    {
        var shifted = after.ToOffset(MarketOffset).DateTime + Lead;
        var period = shifted.AddTicks(-(shifted.Ticks % Step.Ticks));
        return new DateTimeOffset(period + (Step - Lead), MarketOffset).ToUniversalTime();
    }

    /// <summary>What arrives from the first instant until before the second is collected in the month.</summary>
    public (DateTimeOffset From, DateTimeOffset To) ArrivalsOf(DateOnly month)
    {
        return (Before(month), Before(month.AddMonths(1)));

        DateTimeOffset Before(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue) - Lead, MarketOffset).ToUniversalTime();
    }
}
