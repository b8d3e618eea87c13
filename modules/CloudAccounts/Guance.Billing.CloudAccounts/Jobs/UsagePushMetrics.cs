using System.Diagnostics.Metrics;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Telemetry;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Jobs;

/// <summary>The gauge <c>guance.usage_push.at_risk</c>: what is owed by cloud accounts and not yet taken by their market, by what became of it.</summary>
internal sealed class UsagePushMetrics(NpgsqlDataSource dataSource, IMeterFactory meters, TimeProvider clock, ILogger<UsagePushMetrics> log) : GaugeService(meters, clock, log)
{
    private IReadOnlyList<Measurement<double>> measured = [];

    protected override void Create(Meter meter) =>
        meter.CreateObservableGauge("guance.usage_push.at_risk", () => measured, description: "Amounts that the market has not taken yet, in the deployment's currency");

    protected override async Task MeasureAsync(CancellationToken ct)
    {
        await using var measure = dataSource.CreateCommand(
            """
            select 'unanswered', coalesce(sum(unanswered), 0) from cloud_accounts.usage_charge where stated_total - accepted >= 0.0001
            union all
            select case when hold_reason is null or hold_reason = 'not-yet' then 'unsent' else hold_reason end, sum(stated_total - accepted - unanswered)
            from cloud_accounts.usage_charge where stated_total - accepted - unanswered >= 0.0001 group by 1
            """);
        measured = await measure.ReadAsync(row => new Measurement<double>((double)row.GetDecimal(1), new KeyValuePair<string, object?>("state", row.GetString(0))), ct);
    }
}
