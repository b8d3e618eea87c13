namespace Guance.Billing.CloudAccounts.Domain;

/// <summary>The time that a record is about: whole seconds, UTC. The market takes each window of an instance once (protocol §5.2.3).</summary>
internal readonly record struct PushWindow(DateTimeOffset BeginsAt, DateTimeOffset EndsAt);

/// <summary>What is owed by one subscription and what became of it.</summary>
/// <param name="Stated">What is owed in all, as Settlement stated it last.</param>
/// <param name="Accepted">What the market took.</param>
/// <param name="Unanswered">What records hold that the market has not answered.</param>
/// <param name="DayEndsAt">The end of the last day that was stated.</param>
/// <param name="StartsAt">When it was bought; null until that is known.</param>
/// <param name="ClosesAt">The closing instant, once it is closed.</param>
/// <param name="RecentWindows">The windows of all its records, whatever became of them, that end within <see cref="UsagePushPlanner.AgeMax"/>.</param>
internal sealed record ChargedInstance(
    decimal Stated, decimal Accepted, decimal Unanswered, DateTimeOffset DayEndsAt, DateTimeOffset? StartsAt, DateTimeOffset? ClosesAt,
    IReadOnlyList<PushWindow> RecentWindows);

/// <summary>What is to be done now.</summary>
internal enum PushStep
{
    /// <summary>Nothing is owed that could be told: less than the smallest amount, or less than was told before.</summary>
    Nothing,

    /// <summary>A record goes out.</summary>
    Push,

    /// <summary>Not now: what was bought is not known yet, or no time has passed since the last window.</summary>
    Wait,

    /// <summary>The market takes no window any more in which the instance existed.</summary>
    TooLate,
}

/// <summary>The next record of a subscription, if there is to be one.</summary>
internal readonly record struct PushPlan(PushStep Step, PushWindow Window = default, decimal Amount = 0m);

/// <summary>
/// Which record a subscription needs next: always <c>stated − accepted − unanswered</c>, so nothing is told twice and what falls below four
/// decimals is carried by itself (rules §8). Windows never repeat: each begins where all before it have ended; where no time is left for that,
/// another one ends at the last instant that the market allows.
/// </summary>
internal static class UsagePushPlanner
{
    /// <summary>The smallest amount that can be told: four decimals (protocol §5.2).</summary>
    public const decimal AmountMin = 0.0001m;

    /// <summary>A window that began longer ago is refused (protocol §5.2.5).</summary>
    public static readonly TimeSpan AgeMax = TimeSpan.FromDays(21);

    /// <summary>So that a record does not get too old between planning and arrival.</summary>
    private static readonly TimeSpan AgeMargin = TimeSpan.FromMinutes(10);

    public static PushPlan Next(ChargedInstance charged, TimeSpan windowMax, DateTimeOffset now)
    {
        var amount = Floor(charged.Stated - charged.Accepted - charged.Unanswered);
        if (amount < AmountMin)
        {
            return new(PushStep.Nothing);
        }

        if (charged.StartsAt is not { } startsAt || startsAt > now)
        {
            return new(PushStep.Wait);
        }

        var isClosed = charged.ClosesAt <= now;
        var latest = Second(isClosed ? charged.ClosesAt!.Value : now); // closed, so there is an instant
        var earliest = Max(NextSecond(startsAt), NextSecond(now - AgeMax + AgeMargin));
        if (earliest > latest)
        {
            return new(isClosed ? PushStep.TooLate : PushStep.Wait);
        }

        var begin = charged.RecentWindows.Aggregate(earliest, (last, window) => Max(last, window.EndsAt));
        var dayEnd = Second(charged.DayEndsAt);
        var end = begin < dayEnd && dayEnd <= latest ? dayEnd : latest;
        if (begin < end)
        {
            return new(PushStep.Push, new(Max(begin, end - windowMax), end), amount);
        }

        if (!isClosed)
        {
            return new(PushStep.Wait);
        }

        return FindUnused(charged.RecentWindows, earliest, latest) is { } window ? new(PushStep.Push, window, amount) : new(PushStep.TooLate);
    }

    /// <summary>Four decimals, towards zero.</summary>
    public static decimal Floor(decimal amount) => decimal.Truncate(amount * 10_000m) / 10_000m;

    /// <summary>The shortest window that ends at the instant and was not used.</summary>
    private static PushWindow? FindUnused(IReadOnlyList<PushWindow> used, DateTimeOffset earliest, DateTimeOffset end)
    {
        var begins = used.Where(window => window.EndsAt == end).Select(window => window.BeginsAt).ToHashSet();
        for (var begin = end.AddTicks(-TimeSpan.TicksPerSecond); begin >= earliest; begin = begin.AddTicks(-TimeSpan.TicksPerSecond))
        {
            if (!begins.Contains(begin))
            {
                return new(begin, end);
            }
        }

        // Bought and closed in the same second.
        return begins.Contains(end) ? null : new(end, end);
    }

    private static DateTimeOffset Second(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));

    private static DateTimeOffset NextSecond(DateTimeOffset at) => Second(at.AddTicks(TimeSpan.TicksPerSecond - 1));

    private static DateTimeOffset Max(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
