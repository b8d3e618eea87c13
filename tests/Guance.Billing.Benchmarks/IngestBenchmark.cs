using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.TestKit;
using Guance.Billing.Workspaces;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// Usage events over HTTP: a real site on Kestrel with its own database, several agents with a bearer token, each for 50 workspaces of its own,
/// 1,000 events a request × 5 items within the hour that was last, every event new. Baseline: the statements of the site's own ingest, sent straight by Npgsql with
/// arrays that are ready, as many at the same time. The two take turns, so that the tables are as large for both and the machine as busy; telling the Billing
/// Center's feed goes on beside both.
/// </summary>
internal sealed class IngestBenchmark : IBenchmark
{
    private const int EventsPerRequest = 1000;
    private const int Agents = 8;
    private const int RequestsPerTurn = 6 * Agents;
    private const int WorkspacesPerAgent = 50;
    private const int Hours = 1;


    /// <summary>Until nothing is compiled any more: a site runs for months.</summary>
    private const int TurnsToWarmUp = 16;

    private static readonly int[] Turns = [1, 4, 16];
    private static readonly (string Item, ItemAggregation Aggregation)[] Items =
    [
        ("logs", ItemAggregation.Sum), ("traces", ItemAggregation.Sum), ("pv", ItemAggregation.Sum), ("time-series", ItemAggregation.Max), ("hosts", ItemAggregation.Max),
    ];

    public string Name => "ingest-http";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a site with 400 workspaces");
        var module = new WorkspacesModule();
        await using var site = await TestDeployment.StartAsync([module], "cn4", new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Error" });
        var now = site.Clock.GetUtcNow();
        await site.DeliverAsync(module, new ItemCatalogPublishedIntegrationEvent(
            Ids.DeterministicGuid("catalog"), 1, now, SiteCode.Of("cn4"), [.. Items.Select(item => new MeteredItem(item.Item, item.Aggregation, [3, 7], 7))]));
        var workspaces = Enumerable.Range(0, Agents * WorkspacesPerAgent).Select(_ => Ids.New<WorkspaceId>(site.Clock)).ToArray();
        await Parallel.ForEachAsync(workspaces, new ParallelOptions { MaxDegreeOfParallelism = Agents, CancellationToken = ct }, async (workspace, _) =>
            await site.SendAsync(new CreateWorkspace(
                workspace, "bench", "Bench", "en", Ids.New<BillingAccountId>(site.Clock), SettlementMethod.BillingCenter, null, now.AddDays(-1))));

        var run = new Run(site, workspaces, new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc).AddHours(-Hours));
        progress("warming up");
        for (var turn = 0; turn < TurnsToWarmUp; turn++)
        {
            await run.TurnAsync(ct);
        }

        var rows = new List<BenchmarkRow>();
        foreach (var turns in Turns)
        {
            var size = turns * RequestsPerTurn * EventsPerRequest;
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} events each way"));
            var (http, direct) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var turn = 0; turn < turns; turn++)
            {
                var (h, d) = await run.TurnAsync(ct);
                (http, direct) = (http + h, direct + d);
            }

            rows.Add(new(Name, size, Math.Round(size / http.TotalSeconds), "events/s", Math.Round(size / direct.TotalSeconds), Math.Round(direct / http, 3)));
        }

        return rows;
    }

    private sealed class Run(TestDeployment site, WorkspaceId[] workspaces, DateTime firstHour)
    {
        private readonly HttpClient client = Client(site);
        private readonly NpgsqlDataSource source = Source(site);
        private readonly Guid[] uuids = [.. workspaces.Select(workspace => Guid.ParseExact(workspace.Value["wksp_".Length..], "N"))];
        private readonly Random random = new(42);
        private int count;
        private int turns;

        /// <summary>A turn of each, the first one of them by turns.</summary>
        public async Task<(TimeSpan Http, TimeSpan Direct)> TurnAsync(CancellationToken ct)
        {
            var bodies = Enumerable.Range(0, RequestsPerTurn).Select(n => Body(Events(n % Agents))).ToArray();
            var arrays = Enumerable.Range(0, RequestsPerTurn).Select(n => new Arrays(n % Agents, Events(n % Agents), uuids)).ToArray();
            // What made them is swept up outside the time that is taken.
            GC.Collect();
            if (turns++ % 2 == 0)
            {
                return (await AllAsync(bodies, PostAsync, ct), await AllAsync(arrays, WriteAsync, ct));
            }

            var direct = await AllAsync(arrays, WriteAsync, ct);
            return (await AllAsync(bodies, PostAsync, ct), direct);
        }

        private static async Task<TimeSpan> AllAsync<T>(IReadOnlyCollection<T> requests, Func<T, CancellationToken, Task> send, CancellationToken ct)
        {
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(requests.Index().GroupBy(request => request.Index % Agents, request => request.Item).Select(agent => Task.Run(
                async () =>
                {
                    foreach (var request in agent)
                    {
                        await send(request, ct);
                    }
                }, ct)));
            return Stopwatch.GetElapsedTime(start);
        }

        private Event[] Events(int agent)
        {
            count++;
            var events = new Event[EventsPerRequest];
            for (var n = 0; n < events.Length; n++)
            {
                var (item, aggregation) = Items[random.Next(Items.Length)];
                events[n] = new(
                    string.Create(CultureInfo.InvariantCulture, $"agent-{random.NextInt64():x16}-{count:x8}"), (agent * WorkspacesPerAgent) + random.Next(WorkspacesPerAgent), item, aggregation is ItemAggregation.Max,
                    random.Next(1, 1_000_000) / 100m, firstHour.AddSeconds(random.Next(Hours * 3600)));
            }

            return events;
        }

        private byte[] Body(Event[] events)
        {
            var body = new MemoryStream();
            using (var json = new Utf8JsonWriter(body))
            {
                json.WriteStartArray();
                foreach (var e in events)
                {
                    json.WriteStartObject();
                    json.WriteString("id", e.Id);
                    json.WriteString("workspaceId", workspaces[e.Workspace].Value);
                    json.WriteString("item", e.Item);
                    json.WriteNumber("quantity", e.Quantity);
                    json.WriteString("time", e.Time);
                    json.WriteNumber("retentionDays", 7);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            return body.ToArray();
        }

        private async Task PostAsync(byte[] body, CancellationToken ct)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.PostAsync(new Uri("/api/usage", UriKind.Relative), content, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            if (answer.StatusCode is not HttpStatusCode.OK || !text.StartsWith("""{"accepted":1000,""", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
            }
        }

        /// <summary>What the site's ingest does to the database.</summary>
        private async Task WriteAsync(Arrays arrays, CancellationToken ct)
        {
            var e = arrays.Events;
            var own = (arrays.Agent * WorkspacesPerAgent)..((arrays.Agent + 1) * WorkspacesPerAgent);
            await using var connection = await source.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await using (var read = new NpgsqlBatch(connection, transaction))
            {
                Add(read, UsageTables.LockSql, Of(Ids.LockKey("workspaces.usage-cuts")));
                Add(read, UsageTables.CatalogSql);
                Add(read, UsageTables.CutsSql, Of(firstHour), Of(firstHour.AddHours(Hours)), Of(uuids[own]));
                Add(read, UsageTables.WindowsSql, Of(Array.ConvertAll(workspaces[own], workspace => workspace.Value)));
                await using var rows = await read.ExecuteReaderAsync(ct);
                do
                {
                    while (await rows.ReadAsync(ct))
                    {
                    }
                }
                while (await rows.NextResultAsync(ct));
            }

            await using (var write = new NpgsqlBatch(connection, transaction))
            {
                Add(write, UsageTables.KeysSql, Of(arrays.Keys), Of(arrays.Contents));
                Add(write, UsageTables.EventsSql, Of(arrays.Hour), Of(Array.ConvertAll(e, one => uuids[one.Workspace])), Of(Array.ConvertAll(e, one => one.Time)),
                    Of(Array.ConvertAll(e, one => one.Quantity)), Of(arrays.Retentions), Of(Array.ConvertAll(e, one => one.Item)), Of(Array.ConvertAll(e, one => one.Id)));
                Add(write, UsageTables.PendingSql, Of(arrays.CellWorkspaces), Of(arrays.CellHours), Of(arrays.CellItems), Of(arrays.CellRetentions), Of(arrays.CellHours), Of(arrays.CellGauges),
                    Of(arrays.CellQuantities));
                await write.ExecuteNonQueryAsync(ct);
            }

            await transaction.CommitAsync(ct);
            site.Services.GetRequiredService<ITicks>().Poke(TellUsageJob.Id);
        }

        private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }

        private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

        private static HttpClient Client(TestDeployment site)
        {
            using var curve = ECDsa.Create();
            curve.ImportFromPem(TestKeys.PrivateKey);
            var key = new ECDsaSecurityKey(curve);
            key.KeyId = Base64UrlEncoder.Encode(key.ComputeJwkThumbprint());
            var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                TokenType = "at+jwt",
                Issuer = "http://127.0.0.1:1/",
                Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = "metering-agent", ["scope"] = Scopes.UsageWrite },
                SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256),
            });
            var agents = new HttpClient(new SocketsHttpHandler()) { BaseAddress = site.Url };
            agents.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return agents;
        }

        private static NpgsqlDataSource Source(TestDeployment site) =>
            new NpgsqlDataSourceBuilder(site.App.Configuration["ConnectionStrings:Billing"]!).Build();
    }

    private readonly record struct Event(string Id, int Workspace, string Item, bool IsGauge, decimal Quantity, DateTime Time);

    /// <summary>Events and the totals that they change, as the site's ingest would have made them of a body.</summary>
    private sealed class Arrays
    {
        public Arrays(int agent, Event[] events, Guid[] workspaces)
        {
            (Agent, Events) = (agent, events);
            Keys = [.. events.Select(e => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(e.Id)).AsSpan(0, 16))).Order()];
            Contents = [.. events.Select(e => (long)e.Id.GetHashCode(StringComparison.Ordinal))];
            Hour = HourOf(events[0].Time);
            Retentions = [.. events.Select(_ => 7)];
            var cells = events.GroupBy(e => (Workspace: workspaces[e.Workspace], Hour: HourOf(e.Time), e.Item, e.IsGauge))
                .OrderBy(cell => cell.Key.Workspace).ThenBy(cell => cell.Key.Hour).ThenBy(cell => cell.Key.Item, StringComparer.Ordinal).ToArray();
            CellWorkspaces = Array.ConvertAll(cells, cell => cell.Key.Workspace);
            CellHours = Array.ConvertAll(cells, cell => cell.Key.Hour);
            CellItems = Array.ConvertAll(cells, cell => cell.Key.Item);
            CellRetentions = Array.ConvertAll(cells, _ => 7);
            CellGauges = Array.ConvertAll(cells, cell => cell.Key.IsGauge);
            CellQuantities = Array.ConvertAll(cells, cell => cell.Key.IsGauge ? cell.Max(e => e.Quantity) : cell.Sum(e => e.Quantity));
        }

        public int Agent { get; }

        public Event[] Events { get; }

        public Guid[] Keys { get; }

        public long[] Contents { get; }

        public DateTime Hour { get; }

        public int[] Retentions { get; }

        public Guid[] CellWorkspaces { get; }

        public DateTime[] CellHours { get; }

        public string[] CellItems { get; }

        public int[] CellRetentions { get; }

        public bool[] CellGauges { get; }

        public decimal[] CellQuantities { get; }

        private static DateTime HourOf(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc);
    }
}
