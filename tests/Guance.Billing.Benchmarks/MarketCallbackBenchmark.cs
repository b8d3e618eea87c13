using System.Diagnostics;
using System.Globalization;
using Guance.Billing.CloudAccounts;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.TestKit;
using Marten;
using Medallion.Threading.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// The marketplace's newInstance over HTTP: a real Billing Center on Kestrel with its own database, 8 callers at once, every call signed and for an order
/// of its own. Baseline: raw Marten on the same database, as many at once: a session a call starts the stream with the same event, stores the same
/// document and inserts the nonce in one commit. The two take turns, so that the tables are as large for both; fetching what was ordered from the market
/// is held off beside both.
/// </summary>
internal sealed class MarketCallbackBenchmark : IBenchmark
{
    private const int Callers = 8;
    private const int CallsPerTurn = 250;

    private static readonly int[] Turns = [1, 4, 16];

    public string Name => "market-callback";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a Billing Center");
        await using var center = await TestDeployment.StartAsync([new CloudAccountsModule()], settings: MarketCall.Settings);
        await using var held = await new PostgresDistributedLock(
            new PostgresAdvisoryLockKey($"tick:{FetchOrdersJob.Id}", allowHashing: true), center.Services.GetRequiredService<NpgsqlDataSource>()).AcquireAsync(cancellationToken: ct);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = center.Url };

        var run = new Run(center, client);
        await run.TurnAsync(ct);
        await run.TurnAsync(ct);
        var rows = new List<BenchmarkRow>();
        foreach (var turns in Turns)
        {
            var size = turns * CallsPerTurn;
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} calls each way"));
            var (http, direct) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var turn = 0; turn < turns; turn++)
            {
                var (h, d) = await run.TurnAsync(ct);
                (http, direct) = (http + h, direct + d);
            }

            rows.Add(new(Name, size, Math.Round(size / http.TotalSeconds), "calls/s", Math.Round(size / direct.TotalSeconds), Math.Round(direct / http, 3)));
        }

        return rows;
    }

    private sealed class Run(TestDeployment center, HttpClient client)
    {
        private readonly IDocumentStore store = center.Services.GetRequiredService<IDocumentStore>();
        private int orders;
        private int turns;

        /// <summary>A turn of each, the first one of them by turns.</summary>
        public async Task<(TimeSpan Http, TimeSpan Direct)> TurnAsync(CancellationToken ct)
        {
            if (turns++ % 2 == 0)
            {
                return (await AllAsync((call, cancel) => call.SendAsync(client, cancel), ct), await AllAsync((call, cancel) => call.StoreAsync(store, cancel), ct));
            }

            var direct = await AllAsync((call, cancel) => call.StoreAsync(store, cancel), ct);
            return (await AllAsync((call, cancel) => call.SendAsync(client, cancel), ct), direct);
        }

        private async Task<TimeSpan> AllAsync(Func<MarketCall, CancellationToken, ValueTask> send, CancellationToken ct)
        {
            var now = center.Clock.GetUtcNow();
            var calls = Enumerable.Range(0, CallsPerTurn).Select(_ => new MarketCall(string.Create(CultureInfo.InvariantCulture, $"CS{++orders:0000000000}"), now)).ToArray();
            var start = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = ct }, send);
            return Stopwatch.GetElapsedTime(start);
        }
    }
}
