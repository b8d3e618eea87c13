using System.Diagnostics.Metrics;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Events;
using JasperFx.Events.Daemon;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>Gauges of the plumbing: <c>guance.inboxes.stuck</c> (inboxes and projections that a failure holds back on this node), <c>guance.mail.age</c> (since when the oldest mail
/// that is due waits), and <c>guance.mail.refused</c> (mails that were refused and are tried again).</summary>
internal sealed class PlatformMetrics(IProjectionCoordinator coordinator, NpgsqlDataSource dataSource, IMeterFactory meters, TimeProvider clock, ILogger<PlatformMetrics> log)
    : GaugeService(meters, clock, log)
{
    private DateTimeOffset? oldestMail;
    private long refusedMails;

    protected override void Create(Meter meter)
    {
        meter.CreateObservableGauge(
            "guance.inboxes.stuck", () => coordinator.HeldBack().Count, "{inbox}",
            "Inboxes and projections that a failure holds back");
        meter.CreateObservableGauge("guance.mail.age", () => AgeOf(oldestMail), "s", "How long the oldest mail that is due has waited");
        meter.CreateObservableGauge("guance.mail.refused", () => refusedMails, "{mail}", "Mails that were refused and are tried again");
    }

    protected override async Task MeasureAsync(CancellationToken ct)
    {
        await using var measure = dataSource.Command(
            "select min(greatest(queued_at, due_at)) filter (where due_at <= $1), count(*) filter (where refusals > 0 and due_at < 'infinity') from platform.mail where sent_at is null",
            Now);
        await using var row = await measure.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        oldestMail = row.ValueOrNull<DateTimeOffset>(0);
        refusedMails = row.GetInt64(1);
    }
}
