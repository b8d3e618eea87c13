using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>Gauges that are measured now and then beside the scrapes, so that a scrape never waits for the database. They begin at once, and stay as they were while it does not answer.</summary>
public abstract partial class GaugeService(IMeterFactory meters, TimeProvider clock, ILogger log) : BackgroundService
{
    /// <summary>The name of the meter of all that is ours.</summary>
    public const string MeterName = "Guance.Billing";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>Makes the gauges, which show what was measured last.</summary>
    protected abstract void Create(Meter meter);

    /// <summary>Measures.</summary>
    protected abstract Task MeasureAsync(CancellationToken ct);

    /// <summary>The present instant, by the deployment's clock.</summary>
    protected DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>How long something has lasted, in seconds; 0 where there is nothing.</summary>
    protected double AgeOf(DateTimeOffset? since) => since is { } at ? Math.Max(0, (Now - at).TotalSeconds) : 0;

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Create(meters.Create(MeterName));
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                try
                {
                    await MeasureAsync(stoppingToken);
                }
                catch (NpgsqlException failure)
                {
                    NotMeasured(log, failure, GetType().Name);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The deployment stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Gauges} could not be measured")]
    private static partial void NotMeasured(ILogger log, Exception failure, string gauges);
}
