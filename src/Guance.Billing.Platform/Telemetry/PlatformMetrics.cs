using System.Diagnostics.Metrics;
using Guance.Billing.Platform.Events;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>Gauges of the plumbing: <c>guance.inboxes.stuck</c> (inboxes and projections that a failure holds back on this node), and <c>guance.mail.age</c> (of the oldest mail that waits).</summary>
internal sealed class PlatformMetrics(IProjectionCoordinator coordinator, NpgsqlDataSource dataSource, IMeterFactory meters, TimeProvider clock, ILogger<PlatformMetrics> log)
    : GaugeService(meters, clock, log)
{
    private DateTimeOffset? oldestMail;

    protected override void Create(Meter meter)
    {
        meter.CreateObservableGauge(
            "guance.inboxes.stuck", () => coordinator.HeldBack().Count, "{inbox}",
            "Inboxes and projections that a failure holds back");
        meter.CreateObservableGauge("guance.mail.age", () => AgeOf(oldestMail), "s", "Age of the oldest mail that waits");
    }

    protected override async Task MeasureAsync(CancellationToken ct)
    {
        await using var measure = dataSource.CreateCommand("select min(queued_at) from platform.mail where sent_at is null");
        oldestMail = await measure.ExecuteScalarAsync(ct) is DateTime at ? new DateTimeOffset(at) : null;
    }
}
