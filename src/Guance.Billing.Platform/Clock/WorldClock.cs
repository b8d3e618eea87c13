namespace Guance.Billing.Platform.Clock;

/// <summary>
/// The clock by which the business runs: real time plus an offset that only development can move, and only forward. Timers and
/// measured durations stay real, so polling and time-outs are not touched.
/// </summary>
public sealed class WorldClock : TimeProvider
{
    private long offsetTicks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref offsetTicks));

    /// <summary>Moves the clock forward.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not forward.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        Interlocked.Add(ref offsetTicks, by.Ticks);
    }
}

/// <summary>Moves the clock of everything that shares it and runs the jobs that became due (development only).</summary>
public interface IClockMover
{
    /// <summary>Moves the clock; returns when the jobs due have run.</summary>
    Task AdvanceAsync(TimeSpan by, CancellationToken ct);
}
