namespace HuaweiCloud.Marketplace.Tests;

/// <summary>A clock that a test moves. Starts at the page's sample call (§3).</summary>
internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(1680508066618);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
