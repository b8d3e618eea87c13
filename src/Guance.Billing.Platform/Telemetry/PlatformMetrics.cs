using System.Diagnostics.Metrics;
using JasperFx;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>Gauges of the plumbing: <c>guance.inboxes.stuck</c> (inboxes and projections that a failure holds back on this node), and <c>guance.mail.age</c> (of the oldest mail that waits).</summary>
internal sealed class PlatformMetrics(IProjectionCoordinator coordinator, NpgsqlDataSource dataSource, IMeterFactory meters, TimeProvider clock, ILogger<PlatformMetrics> log)
    : GaugeService(meters, clock, log)
{
    private readonly TimeProvider clock = clock;
    private DateTimeOffset? oldestMail;

    protected override void Create(Meter meter)
    {
        meter.CreateObservableGauge(
            "guance.inboxes.stuck", () => coordinator.DaemonForMainDatabase().CurrentAgents().Count(agent => agent.Status is AgentStatus.Paused), "{inbox}",
            "Inboxes and projections that a failure holds back");
        meter.CreateObservableGauge("guance.mail.age", () => oldestMail is { } at ? Math.Max(0, (clock.GetUtcNow() - at).TotalSeconds) : 0, "s", "Age of the oldest mail that waits");
    }

    protected override async Task MeasureAsync(CancellationToken ct)
    {
        await using var measure = dataSource.CreateCommand("select min(queued_at) from platform.mail where sent_at is null");
        oldestMail = await measure.ExecuteScalarAsync(ct) is DateTime at ? new DateTimeOffset(at) : null;
    }
}
