using System.Diagnostics.Metrics;
using Guance.Billing.Platform.Telemetry;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Sites.Feed;

/// <summary>
/// Gauges for each peer: <c>guance.link.feed.pending</c> (messages that it has not acknowledged) and <c>guance.link.feed.lag</c> (age of
/// the oldest of them).
/// </summary>
internal sealed class FeedMetrics(Feeds feeds, IMeterFactory meters, TimeProvider clock, ILogger<FeedMetrics> log) : GaugeService(meters, clock, log)
{
    private IReadOnlyList<PeerStatus> measured = [];

    protected override void Create(Meter meter)
    {
        meter.CreateObservableGauge(
            "guance.link.feed.pending", () => Measure(peer => peer.ToldPosition - peer.AcknowledgedPosition), "{message}", "Messages that the peer has not acknowledged");
        meter.CreateObservableGauge(
            "guance.link.feed.lag", () => Measure(peer => AgeOf(peer.OldestPendingAt)), "s",
            "Age of the oldest message that the peer has not acknowledged");
    }

    protected override async Task MeasureAsync(CancellationToken ct) => measured = await feeds.PeersAsync(ct);

    private IEnumerable<Measurement<T>> Measure<T>(Func<PeerStatus, T> value)
        where T : struct => measured.Select(peer => new Measurement<T>(value(peer), new KeyValuePair<string, object?>("peer", peer.Name)));
}
