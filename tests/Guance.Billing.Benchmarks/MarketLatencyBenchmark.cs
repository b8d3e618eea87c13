using System.Diagnostics;
using System.Globalization;
using Guance.Billing.CloudAccounts;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Jobs;
using Marten;
using Medallion.Threading.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// How long the marketplace waits for the answer to newInstance when so many calls a second come, whether earlier ones are answered or not: the time that 99 of 100 calls stay below, from
/// the instant at which a call was due, in milliseconds, over a minute; alone, and while a day closes. An error ends the run. Baseline: raw Marten at the same rate on the same database, see
/// <see cref="MarketCallbackBenchmark"/>, just before and after; beside the same close.
/// </summary>
internal sealed class MarketLatencyBenchmark(bool besideClose) : IBenchmark
{
    private const int ClosingWorkspaces = 100_000;
    private static readonly int[] Rates = [200, 500];
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private int orders;

    public string Name => besideClose ? "market-latency-day-close" : "market-latency";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a Billing Center");
        await using var center = await BenchCenter.StartAsync([new BenchMarket(), new SettlementModule(), new CloudAccountsModule()], MarketCall.Settings);
        // Orders cannot be fetched, and the timetable would close the day beside us.
        await using var fetching = await HoldAsync(center, FetchOrdersJob.Id, ct);
        await using var closing = await HoldAsync(center, CloseDaysJob.Id, ct);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = center.Deployment.Url };
        var store = center.Deployment.Services.GetRequiredService<IDocumentStore>();
        progress("warming up");
        await P99Async(center, 200, TimeSpan.FromSeconds(15), (call, cancel) => call.SendAsync(client, cancel), ct);
        await P99Async(center, 200, TimeSpan.FromSeconds(5), (call, cancel) => call.StoreAsync(store, cancel), ct);
        if (!besideClose)
        {
            var rows = new List<BenchmarkRow>();
            foreach (var rate in Rates)
            {
                progress(string.Create(CultureInfo.InvariantCulture, $"{rate} calls a second, a minute each way"));
                rows.Add(await MeasureAsync(rate, Minute / 2));
            }

            return rows;
        }

        var beside = Rates[0];
        var sample = await center.BindAsync();
        progress(string.Create(CultureInfo.InvariantCulture, $"{ClosingWorkspaces:#,##0} workspaces that used something"));
        await DayCloseBenchmark.AddWorkspacesAsync(center, sample, 0, ClosingWorkspaces, ct);
        await DayCloseBenchmark.UseAsync(center, center.Day0, ClosingWorkspaces, ct);
        center.Deployment.Clock.Advance(center.Days.End(center.Day0).AddHours(1) - center.Deployment.Clock.GetUtcNow());
        progress(string.Create(CultureInfo.InvariantCulture, $"{beside} calls a second while their day closes"));
        var close = Task.Run(() => center.Deployment.Services.GetRequiredService<DayCloses>().RunAsync(center.Day0, limit: null, ct), ct);
        var row = await MeasureAsync(beside, Minute / 6);
        if (close.IsCompleted)
        {
            throw new InvalidOperationException("The day was closed before the calls had been made: close a larger one.");
        }

        await close;
        return [row];

        async Task<BenchmarkRow> MeasureAsync(int rate, TimeSpan directEachSide)
        {
            var direct = await P99Async(center, rate, directEachSide, (call, cancel) => call.StoreAsync(store, cancel), ct);
            var http = await P99Async(center, rate, Minute, (call, cancel) => call.SendAsync(client, cancel), ct);
            direct = (direct + await P99Async(center, rate, directEachSide, (call, cancel) => call.StoreAsync(store, cancel), ct)) / 2;
            return new(Name, rate, Math.Round(http, 1), "ms", Math.Round(direct, 1), Math.Round(http / direct, 2));
        }
    }

    private static async Task<IAsyncDisposable> HoldAsync(BenchCenter center, string job, CancellationToken ct) =>
        await new PostgresDistributedLock(new PostgresAdvisoryLockKey($"tick:{job}", allowHashing: true), center.Source).AcquireAsync(cancellationToken: ct);

    /// <summary>Calls come at their instants for so long; each has its own task, so that a slow answer delays no other call.</summary>
    private async Task<double> P99Async(BenchCenter center, int rate, TimeSpan time, Func<MarketCall, CancellationToken, ValueTask> send, CancellationToken ct)
    {
        var calls = new List<Task<double>>();
        var start = Stopwatch.GetTimestamp();
        for (var n = 0; Stopwatch.GetElapsedTime(start) < time; n++)
        {
            var due = TimeSpan.FromSeconds((double)n / rate);
            while (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } wait)
            {
                // The timer is exact to a millisecond or so; what is due meanwhile is sent at once, and measured from when it was due.
                await Task.Delay(wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait, ct);
            }

            var call = new MarketCall(string.Create(CultureInfo.InvariantCulture, $"CS{++orders:0000000000}"), center.Deployment.Clock.GetUtcNow());
            calls.Add(Task.Run(
                async () =>
                {
                    await send(call, ct);
                    return (Stopwatch.GetElapsedTime(start) - due).TotalMilliseconds;
                },
                ct));
        }

        var took = await Task.WhenAll(calls);
        Array.Sort(took);
        return took[(int)(took.Length * 0.99)];
    }
}
