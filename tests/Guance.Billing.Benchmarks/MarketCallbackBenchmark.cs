using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Guance.Billing.CloudAccounts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.TestKit;
using HuaweiCloud.Marketplace;
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
    private const string AccessKey = "bench-seller-access-key";
    private const int Callers = 8;
    private const int CallsPerTurn = 250;

    private static readonly int[] Turns = [1, 4, 16];

    public string Name => "market-callback";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a Billing Center");
        await using var center = await TestDeployment.StartAsync([new CloudAccountsModule()], settings: new Dictionary<string, string?>
        {
            ["HuaweiMarketplace:ApiBaseUrl"] = "http://127.0.0.1:1",
            ["HuaweiMarketplace:AccessKey"] = AccessKey,
            ["HuaweiMarketplace:Iam:AccessKeyId"] = "bench-ak",
            ["HuaweiMarketplace:Iam:SecretAccessKey"] = "bench-sk",
            ["Serilog:MinimumLevel:Default"] = "Error",
        });
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
                return (await AllAsync(CallAsync, ct), await AllAsync(StoreAsync, ct));
            }

            var direct = await AllAsync(StoreAsync, ct);
            return (await AllAsync(CallAsync, ct), direct);
        }

        private async Task<TimeSpan> AllAsync(Func<Call, CancellationToken, ValueTask> send, CancellationToken ct)
        {
            var now = center.Clock.GetUtcNow();
            var calls = Enumerable.Range(0, CallsPerTurn).Select(_ => new Call(string.Create(CultureInfo.InvariantCulture, $"CS{++orders:0000000000}"), now)).ToArray();
            var start = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = ct }, send);
            return Stopwatch.GetElapsedTime(start);
        }

        private async ValueTask CallAsync(Call call, CancellationToken ct)
        {
            using var content = new ByteArrayContent(call.Body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await client.PostAsync(call.Address, content, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            if (answer.StatusCode is not HttpStatusCode.OK || !text.Contains(MarketplaceResultCodes.Processing, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
            }
        }

        /// <summary>What the Billing Center keeps of a call.</summary>
        private async ValueTask StoreAsync(Call call, CancellationToken ct)
        {
            var id = SubscriptionKey.Of(CloudProvider.HuaweiCloud, call.OrderId, call.OrderLineId);
            await using var session = store.LightweightSession();
            session.Events.StartStream<CloudSubscription>(id.Value, new SubscriptionRequested(CloudProvider.HuaweiCloud, call.OrderId, call.OrderLineId, call.BusinessId, call.SignedAt));
            session.Store(PendingOrder.For(id, call.OrderId, call.OrderLineId, OrderPurpose.Purchase, call.SignedAt));
            session.QueueSqlCommand("insert into cloud_accounts.nonce (nonce, remembered_until) values (?, ?) on conflict do nothing", call.Nonce, call.SignedAt.AddMinutes(2));
            await session.SaveChangesAsync(ct);
        }
    }

    /// <summary>A signed call, ready to be sent.</summary>
    private sealed class Call
    {
        public Call(string orderId, DateTimeOffset now)
        {
            (OrderId, OrderLineId, SignedAt) = (orderId, orderId + "-000001", now);
            (BusinessId, Nonce) = (Ids.DeterministicGuid("business", orderId).ToString(), Ids.DeterministicGuid("nonce", orderId).ToString());
            Body = MarketplaceCanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(
                new { activity = "newInstance", orderId, orderLineId = OrderLineId, businessId = BusinessId }))!; // it is an object
            var timestamp = now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            Address = new($"/marketplace/huawei/v2/produce?signature={MarketplaceSignature.Make(AccessKey, timestamp, Nonce, Body)}&timestamp={timestamp}&nonce={Nonce}", UriKind.Relative);
        }

        public string OrderId { get; }

        public string OrderLineId { get; }

        public string BusinessId { get; }

        public string Nonce { get; }

        public DateTimeOffset SignedAt { get; }

        public byte[] Body { get; }

        public Uri Address { get; }
    }
}
