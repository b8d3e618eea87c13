namespace HuaweiCloud.Marketplace.Simulator.Tests;

/// <summary>Stands still until it is moved.</summary>
internal sealed class AdjustableClock : TimeProvider
{
    private long ticks = new DateTimeOffset(2026, 3, 5, 8, 20, 30, TimeSpan.Zero).Ticks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref ticks, by.Ticks);
}
