using System.Diagnostics.Metrics;
using Guance.Billing.Platform.Telemetry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Settlement.Jobs;

/// <summary>
/// Gauges of the money: <c>guance.settlement.parked_accounts</c> (billing has stopped for them), <c>guance.settlement.violations</c> (that are open),
/// <c>guance.settlement.closing.age</c> (of the oldest that not every site has acknowledged), and <c>guance.settlement.unclosed.age</c>: how long the first day has been over that is not closed.
/// </summary>
internal sealed class SettlementMetrics(NpgsqlDataSource dataSource, BillingDays days, IMeterFactory meters, TimeProvider clock, ILogger<SettlementMetrics> log) : GaugeService(meters, clock, log)
{
    private Measured? measured;

    protected override void Create(Meter meter)
    {
        meter.CreateObservableGauge("guance.settlement.parked_accounts", () => Show(one => one.Parked), "{account}", "Accounts for which billing has stopped");
        meter.CreateObservableGauge("guance.settlement.violations", () => Show(one => one.Violations), "{violation}", "Invariants that do not hold");
        meter.CreateObservableGauge("guance.settlement.closing.age", () => Show(one => AgeOf(one.OldestClosingAt)), "s", "Age of the oldest closing that not every site has acknowledged");
        meter.CreateObservableGauge("guance.settlement.unclosed.age", () => Show(one => AgeOf(one.LastClosed is { } day ? days.End(day.AddDays(1)) : null)), "s", "How long a day has been over that is not closed");
    }

    protected override async Task MeasureAsync(CancellationToken ct)
    {
        await using var measure = dataSource.CreateCommand(
            """
            select (select count(*) from settlement.parked_account), (select count(*) from settlement.violation where resolved_at is null),
                (select min((data ->> 'closedAt')::timestamptz) from settlement.mt_doc_closing where data ->> 'completedAt' is null),
                (select max(day) from settlement.day_close where state = 'completed')
            """);
        await using var row = await measure.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        measured = new(
            row.GetInt64(0), row.GetInt64(1), await row.IsDBNullAsync(2, ct) ? null : row.GetFieldValue<DateTimeOffset>(2), await row.IsDBNullAsync(3, ct) ? null : row.GetFieldValue<DateOnly>(3));
    }

    private IEnumerable<Measurement<double>> Show(Func<Measured, double> what) => measured is { } one ? [new(what(one))] : [];

    private sealed record Measured(long Parked, long Violations, DateTimeOffset? OldestClosingAt, DateOnly? LastClosed);
}
