using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Platform.Data;
using Guance.Billing.Workspaces;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.World;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// From the answer that usage was accepted until a customer sees it in the site's totals, and until the Billing Center knows it: a whole world over
/// HTTP, while four agents send so many events a second beside: the 99th percentile of 200. Baselines beside the same load: reading such a total straight
/// from the site's database; and a row committed at the site that a listener, notified, commits at the Billing Center's database.
/// </summary>
internal sealed class UsageLagBenchmark : IBenchmark
{
    private const int Probes = 200;
    private const int Agents = 4;
    private const int EventsPerRequest = 500;
    private const int WorkspacesPerAgent = 50;
    private const string Site = BenchWorld.Site;

    private static readonly int[] EventsPerSecond = [1_000, 5_000, 20_000];
    private static readonly string[] Items = ["logs", "apm-trace", "rum-pv", "time-series", "task-calls"];

    public string Name => "usage-lag";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a world");
        await using var own = await BenchWorld.StartAsync("lag", ct);
        await using var run = await Run.StartAsync(own.World, ct);
        var rows = new List<BenchmarkRow>();
        foreach (var rate in EventsPerSecond)
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{Probes} probes while {rate:#,##0} events a second come"));
            var lags = await run.MeasureAsync(rate, ct);
            rows.Add(Row("usage-lag at the site", rate, lags.AtSite, lags.Read));
            rows.Add(Row("usage-lag at the center", rate, lags.AtCenter, lags.Relayed));
        }

        return rows;
    }

    private static BenchmarkRow Row(string name, int rate, List<double> lags, List<double> baseline)
    {
        var (figure, of) = (P99(lags), P99(baseline));
        return new(name, rate, Math.Round(figure, 1), "ms, p99", Math.Round(of, 1), Math.Round(of / figure, 3));
    }

    private static double P99(List<double> values)
    {
        values.Sort();
        return values[(int)Math.Ceiling(values.Count * 0.99) - 1];
    }

    private sealed record Lags(List<double> AtSite, List<double> AtCenter, List<double> Read, List<double> Relayed);

    private sealed class Run : IAsyncDisposable
    {
        private readonly World.World world;
        private readonly NpgsqlDataSource siteDatabase;
        private readonly NpgsqlDataSource centerDatabase;
        private readonly NpgsqlConnection listener;
        private readonly Random random = new(42);
        private readonly List<WorkspaceId> workspaces = [];
        private int count;

        private Run(World.World world)
        {
            this.world = world;
            siteDatabase = NpgsqlDataSource.Create(world.SettingsOf(Site)["ConnectionStrings:Billing"]!);
            centerDatabase = NpgsqlDataSource.Create(world.SettingsOf("billing-center")["ConnectionStrings:Billing"]!);
            listener = siteDatabase.CreateConnection();
        }

        private string SiteUrl => world.Ports.SiteUrl(SiteCode.Of(Site));

        public static async Task<Run> StartAsync(World.World world, CancellationToken ct)
        {
            var run = new Run(world);
            await run.listener.OpenAsync(ct);
            await using (var listen = new NpgsqlCommand("create table relayed (number int); listen relayed", run.listener))
            {
                await listen.ExecuteNonQueryAsync(ct);
            }

            await using (var table = run.centerDatabase.Command("create table relayed (number int)"))
            {
                await table.ExecuteNonQueryAsync(ct);
            }

            var now = run.Now();
            for (var n = 0; n <= Agents * WorkspacesPerAgent; n++)
            {
                var id = Ids.Deterministic<WorkspaceId>("lag", $"{n}");
                await using var scope = world.Deployment(Site).Services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IMediator>().Send(
                    new CreateWorkspace(id, "bench", "Bench", "en", Ids.Deterministic<BillingAccountId>("lag"), SettlementMethod.BillingCenter, null, now.AddDays(-1)), ct);
                run.workspaces.Add(id);
            }

            // The site takes usage once the Billing Center has told it what may be metered.
            using var agent = await run.AgentAsync();
            while ((await agent.SendAsync(HttpMethod.Post, "/api/usage", run.Events(run.workspaces[..1], 1))).Status is not System.Net.HttpStatusCode.OK)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
            }

            return run;
        }

        public async Task<Lags> MeasureAsync(int rate, CancellationToken ct)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var load = Enumerable.Range(0, Agents).Select(agent => Task.Run(() => SendAsync(agent, rate / Agents, enough.Token), ct)).ToArray();
            var lags = new Lags([], [], [], []);
            using var probe = await AgentAsync();
            // The first ones warm up.
            for (var n = -Probes / 4; n < Probes; n++)
            {
                var (atSite, atCenter) = await ProbeAsync(probe, ct);
                var (read, relayed) = await RawAsync(n, ct);
                if (n >= 0)
                {
                    lags.AtSite.Add(atSite);
                    lags.AtCenter.Add(atCenter);
                    lags.Read.Add(read);
                    lags.Relayed.Add(relayed);
                }

                // At any point of whatever comes round.
                await Task.Delay(random.Next(100), ct);
            }

            await enough.CancelAsync();
            await Task.WhenAll(load);
            return lags;
        }

        public async ValueTask DisposeAsync()
        {
            await listener.DisposeAsync();
            await siteDatabase.DisposeAsync();
            await centerDatabase.DisposeAsync();
        }

        private static async Task<double> UntilAsync(long start, Func<Task<bool>> isThere, CancellationToken ct)
        {
            while (!await isThere())
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), ct);
            }

            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        private async Task<(double AtSite, double AtCenter)> ProbeAsync(Person agent, CancellationToken ct)
        {
            var workspace = workspaces[^1];
            var time = Now();
            var hour = new DateTimeOffset(time.Ticks - (time.Ticks % TimeSpan.TicksPerHour), TimeSpan.Zero);
            var before = await AtCenterAsync(workspace, hour, ct);
            var answer = await agent.PostAsync("/api/usage", new[] { Event(workspace, "task-calls", 1, time) });
            var start = Stopwatch.GetTimestamp();
            if (answer["accepted"]!.GetValue<int>() != 1)
            {
                throw new InvalidOperationException(answer.ToJsonString());
            }

            var path = string.Create(CultureInfo.InvariantCulture, $"/api/workspaces/{workspace}/usage?from={hour.UtcDateTime:O}&to={hour.UtcDateTime.AddHours(1):O}");
            var atSite = await UntilAsync(
                start, async () => (await agent.GetAsync(path))["items"]!.AsArray().Any(used => used!["quantity"]!.GetValue<decimal>() > before), ct);
            return (atSite, await UntilAsync(start, async () => await AtCenterAsync(workspace, hour, ct) > before, ct));
        }

        private async Task<decimal> AtCenterAsync(WorkspaceId workspace, DateTimeOffset hour, CancellationToken ct)
        {
            await using var sum = centerDatabase.Command(
                "select coalesce(sum(quantity), 0) from settlement.usage_hour where workspace = $1 and hour = $2", UsageTables.IdOf(workspace.Value), hour);
            return (decimal)(await sum.ExecuteScalarAsync(ct))!;
        }

        private async Task<(double Read, double Relayed)> RawAsync(int number, CancellationToken ct)
        {
            var start = Stopwatch.GetTimestamp();
            await using (var total = siteDatabase.Command(
                "select sum(quantity) from workspaces.usage_hour where workspace = $1 and hour > now() - interval '2 hours'", UsageTables.IdOf(workspaces[^1].Value)))
            {
                await total.ExecuteScalarAsync(ct);
            }

            var read = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            await using (var commit = siteDatabase.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"insert into relayed values ({number}); notify relayed, '{number}'")))
            {
                await commit.ExecuteNonQueryAsync(ct);
            }

            start = Stopwatch.GetTimestamp();
            await listener.WaitAsync(ct);
            await using var row = new NpgsqlCommand("delete from relayed returning number", listener);
            var relayed = (int)(await row.ExecuteScalarAsync(ct))!;
            await using var insert = centerDatabase.Command("insert into relayed values ($1)", relayed);
            await insert.ExecuteNonQueryAsync(ct);
            return (read, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        private async Task SendAsync(int agent, int rate, CancellationToken enough)
        {
            var own = workspaces[(agent * WorkspacesPerAgent)..((agent + 1) * WorkspacesPerAgent)];
            using var person = await AgentAsync();
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds((double)EventsPerRequest / rate));
            try
            {
                while (await timer.WaitForNextTickAsync(enough))
                {
                    await person.PostAsync("/api/usage", Events(own, EventsPerRequest));
                }
            }
            catch (OperationCanceledException)
            {
                // Enough.
            }
        }

        private JsonArray Events(List<WorkspaceId> of, int events)
        {
            var now = Now();
            return [.. Enumerable.Range(0, events).Select(n => JsonSerializer.SerializeToNode(Event(of[n % of.Count], Items[n % Items.Length], n, now.AddSeconds(-n % 600))))];
        }

        private object Event(WorkspaceId workspace, string item, int quantity, DateTimeOffset time) => new
        {
            id = string.Create(CultureInfo.InvariantCulture, $"lag-{Interlocked.Increment(ref count)}"), workspaceId = workspace.Value, item, quantity, time,
        };

        private DateTimeOffset Now() => world.Deployment(Site).Services.GetRequiredService<TimeProvider>().GetUtcNow();

        private Task<Person> AgentAsync() => Person.ProgramAsync(SiteUrl, world.Ports.BillingCenterUrl, "dev-operator", "dev-operator-secret");
    }
}
