namespace Guance.Billing.Simulation.Tests;

/// <summary>All that is to happen, in the order of its time, of like times in the order in which it was planned. Time is what the next of it says.</summary>
internal sealed class Timetable(DateTimeOffset start)
{
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Number)> planned = new();
    private long number;

    public DateTimeOffset Now { get; private set; } = start;

    public void At(DateTimeOffset at, Action what) => planned.Enqueue(what, (at < Now ? Now : at, number++));

    public void In(TimeSpan span, Action what) => At(Now + span, what);

    /// <summary>Again and again.</summary>
    public void Every(TimeSpan first, TimeSpan step, Action what) => In(first, () =>
    {
        what();
        Every(step, step, what);
    });

    /// <summary>Does what comes next, if that is before an instant.</summary>
    public bool Step(DateTimeOffset before)
    {
        if (!planned.TryPeek(out _, out var when) || when.At >= before)
        {
            Now = before;
            return false;
        }

        Now = when.At;
        planned.Dequeue()();
        return true;
    }
}

/// <summary>The clock of one deployment, wrong by as much as it is.</summary>
internal sealed class SkewedClock(Timetable timetable, TimeSpan skew) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => timetable.Now + skew;
}

/// <summary>Chance, the same for the same seed and name: so that one thing less to go wrong leaves the other throws alone.</summary>
internal sealed class Dice(int seed, string name)
{
    // Of a random with a seed, .NET promises the same numbers for ever.
    private readonly Random random = new(name.Aggregate(seed, (hash, letter) => unchecked((hash * 31) + letter)));

    public bool Chance(double share) => random.NextDouble() < share;

    public int Below(int count) => random.Next(count);

    public TimeSpan UpTo(TimeSpan most) => TimeSpan.FromSeconds(Math.Floor(random.NextDouble() * most.TotalSeconds));

    public TimeSpan Around(TimeSpan most) => TimeSpan.FromSeconds(Math.Floor(((random.NextDouble() * 2) - 1) * most.TotalSeconds));

    public T Of<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}

/// <summary>One deployment that runs, is down, or is cut off a transaction.</summary>
internal sealed class Node(Timetable timetable, Dice dice, Weather weather, TimeSpan skew)
{
    private static readonly TimeSpan DownMax = TimeSpan.FromMinutes(10);
    private DateTimeOffset downUntil;

    public TimeProvider Clock { get; } = new SkewedClock(timetable, skew);

    public bool IsCalm { get; set; }

    public bool IsDown => timetable.Now < downUntil;

    /// <summary>
    /// One command, one transaction. A crash before its commit leaves nothing of it, one after it is not heard of; both are answered false, as is asking
    /// whoever is down.
    /// </summary>
    public bool Do(Action command)
    {
        if (IsDown)
        {
            return false;
        }

        var crashes = !IsCalm && dice.Chance(weather.Crash);
        if (crashes && dice.Chance(0.5))
        {
            downUntil = timetable.Now + dice.UpTo(DownMax);
            return false;
        }

        command();
        if (crashes)
        {
            downUntil = timetable.Now + dice.UpTo(DownMax);
        }

        return !crashes;
    }
}
