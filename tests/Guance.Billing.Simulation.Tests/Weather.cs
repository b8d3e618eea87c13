namespace Guance.Billing.Simulation.Tests;

/// <summary>What goes wrong, and how often. Shares are from 0 to 1.</summary>
internal sealed record Weather
{
    /// <summary>Of what is sent, the share that arrives twice; and of readings of a feed, those that begin a little earlier again.</summary>
    public double Duplicate { get; init; } = 0.10;

    /// <summary>Of the market's calls and of usage, the share that arrives late, so that what came after overtakes it.</summary>
    public double Late { get; init; } = 0.10;

    public TimeSpan LateMax { get; init; } = TimeSpan.FromHours(48);

    /// <summary>Of answers, the share that is lost after what was asked has been done.</summary>
    public double LostAnswer { get; init; } = 0.05;

    /// <summary>Of usage records, the share that the market rejects.</summary>
    public double Rejection { get; init; } = 0.03;

    /// <summary>The longest time that the market is down, once in a run.</summary>
    public TimeSpan MarketDownMax { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The greatest share of the time in which a site and the Billing Center are cut off from each other.</summary>
    public double CutOffMax { get; init; } = 0.03;

    /// <summary>Of transactions, the share that a crash cuts off: half before their commit, half after it, before anybody hears of it.</summary>
    public double Crash { get; init; } = 0.002;

    /// <summary>How wrong the clocks of sites and metering agents are, at most.</summary>
    public TimeSpan SkewMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the market's key is changed on the way, while calls are.</summary>
    public bool RotatesKey { get; init; } = true;

    public static Weather Fair { get; } = new()
    {
        Duplicate = 0, Late = 0, LostAnswer = 0, Rejection = 0, MarketDownMax = TimeSpan.Zero, CutOffMax = 0, Crash = 0, SkewMax = TimeSpan.Zero, RotatesKey = false,
    };

    /// <summary>This weather with one thing less that goes wrong, for each that does.</summary>
    public IEnumerable<Weather> Calmer() => new[]
    {
        this with { Duplicate = 0 }, this with { Late = 0 }, this with { LostAnswer = 0 }, this with { Rejection = 0 }, this with { MarketDownMax = TimeSpan.Zero },
        this with { CutOffMax = 0 }, this with { Crash = 0 }, this with { SkewMax = TimeSpan.Zero }, this with { RotatesKey = false },
    }.Where(calmer => calmer != this);
}

/// <summary>A rule that is broken on purpose, to see that it is noticed.</summary>
internal enum BrokenRule
{
    None,

    /// <summary>A site loses an event that it has acknowledged.</summary>
    DroppedEvent,

    /// <summary>What the market has not answered is pushed once more in another window.</summary>
    SecondPush,

    /// <summary>A closing overlooks a workspace.</summary>
    SkippedLock,

    /// <summary>What rounding leaves is dropped.</summary>
    TruncatedCent,
}

/// <summary>All that a run depends on: the same gives the same run.</summary>
internal sealed record Scenario(int Seed, int Days, int Customers, Weather Weather, BrokenRule Broken = BrokenRule.None)
{
    public override string ToString() => $"seed {Seed}, {Days} days, {Customers} customers, {Weather}{(Broken is BrokenRule.None ? "" : $", broken on purpose: {Broken}")}";
}

/// <summary>An invariant does not hold.</summary>
internal sealed class ViolationException(string rule, string what) : Exception($"{rule}: {what}")
{
    public string Rule => rule;
}
