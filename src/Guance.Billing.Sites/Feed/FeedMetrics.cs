using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Sites.Feed;

/// <summary>
/// Gauges for each peer: <c>guance.link.feed.pending</c> (messages that it has not acknowledged) and <c>guance.link.feed.lag</c> (age of
/// the oldest of them). Measured now and then beside the scrapes, so that a scrape never waits for the database.
/// </summary>
internal sealed class FeedMetrics(Feeds feeds, IMeterFactory meters, TimeProvider clock, ILogger<FeedMetrics> log) : BackgroundService
{
    public const string MeterName = "Guance.Billing";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private IReadOnlyList<PeerStatus> measured = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "guance.link.feed.pending", () => Measure(peer => peer.ToldPosition - peer.AcknowledgedPosition), "{message}", "Messages that the peer has not acknowledged");
        meter.CreateObservableGauge(
            "guance.link.feed.lag", () => Measure(peer => peer.OldestPendingAt is { } oldest ? Math.Max(0, (clock.GetUtcNow() - oldest).TotalSeconds) : 0), "s",
            "Age of the oldest message that the peer has not acknowledged");
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                try
                {
                    measured = await feeds.PeersAsync(stoppingToken);
                }
                catch (NpgsqlException failure)
                {
                    log.LogWarning(failure, "The feeds' lag could not be measured");
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The deployment stops.
        }
    }

    private IEnumerable<Measurement<T>> Measure<T>(Func<PeerStatus, T> value)
        where T : struct => measured.Select(peer => new Measurement<T>(value(peer), new KeyValuePair<string, object?>("peer", peer.Name)));
}
