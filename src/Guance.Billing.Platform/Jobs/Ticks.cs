using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Telemetry;
using Medallion.Threading.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Platform.Jobs;

internal sealed class Ticks(
    IEnumerable<Tick> all, IServiceScopeFactory scopes, HeldConnections connections, ILogger<Ticks> log, IHostApplicationLifetime lifetime, IMeterFactory meters) : BackgroundService, ITicks
{
    private readonly IReadOnlyDictionary<string, Tick> ticks = all.ToDictionary(tick => tick.Id, StringComparer.Ordinal);
    private readonly Channel<string> poked = Channel.CreateUnbounded<string>(new() { SingleReader = true });
    private readonly Counter<long> runs = meters.Create(GaugeService.MeterName).CreateCounter<long>("guance.jobs.runs", "{run}", "Runs of recurring jobs, by how they ended");
    private readonly ConcurrentDictionary<string, bool> waiting = new(StringComparer.Ordinal);

    public IEnumerable<Tick> All => ticks.Values;

    public void Poke(string id)
    {
        if (waiting.TryAdd(id, true))
        {
            poked.Writer.TryWrite(id);
        }
    }

    public async Task RunAllAsync(CancellationToken ct)
    {
        foreach (var tick in ticks.Values.Where(tick => !tick.IsContinuous).OrderBy(tick => tick.Id, StringComparer.Ordinal))
        {
            await RunAsync(tick, Timeout.InfiniteTimeSpan, ct);
        }
    }

    /// <summary>Runs one tick, after the run that may be under way.</summary>
    public Task RunNowAsync(string id, CancellationToken ct) => RunAsync(ticks[id], Timeout.InfiniteTimeSpan, ct);

    /// <summary>The recurring run. When the tick runs on any node already, this one is skipped: the next is near.</summary>
    public async Task RunIfFreeAsync(string id, CancellationToken ct)
    {
        // Hangfire's own token comes only after its patience with running jobs has ended: a deployment would take that long to stop.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        try
        {
            if (ticks.TryGetValue(id, out var tick))
            {
                await RunAsync(tick, TimeSpan.Zero, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The recurring run of the next start, or of another node, goes on.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new ConcurrentDictionary<string, Task>(StringComparer.Ordinal);
        try
        {
            await foreach (var id in poked.Reader.ReadAllAsync(stoppingToken))
            {
                // One run of a tick after another, different ticks side by side. A poke that comes while a run is under way runs again
                // after it, since the work may have come after that run's query.
                running[id] = RunPokedAsync(running.GetValueOrDefault(id, Task.CompletedTask), id, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(running.Values);
        }
    }

    private async Task RunPokedAsync(Task before, string id, CancellationToken ct)
    {
        await before;
        waiting.TryRemove(id, out _);
        try
        {
            if (ticks.TryGetValue(id, out var tick))
            {
                await RunAsync(tick, TimeSpan.FromSeconds(10), ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The deployment stops; the recurring run of the next start goes on.
        }
        catch (Exception failure)
        {
            log.LogWarning(failure, "The job {Tick} failed when it was asked for; its recurring run will try again", id);
        }
    }

    private async Task RunAsync(Tick tick, TimeSpan wait, CancellationToken ct)
    {
        // The lock is this node's for as long as its connection lives: a node that dies lets go of it at once.
        var only = new PostgresDistributedLock(new PostgresAdvisoryLockKey($"tick:{tick.Id}", allowHashing: true), connections.Source);
        await using var held = await only.TryAcquireAsync(wait, ct);
        if (held is null)
        {
            return;
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await tick.Create(scope.ServiceProvider).RunAsync(ct);
            Count("done");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Count("failed");
            throw;
        }

        void Count(string outcome) => runs.Add(1, new("job", tick.Id), new KeyValuePair<string, object?>("outcome", outcome));
    }
}
