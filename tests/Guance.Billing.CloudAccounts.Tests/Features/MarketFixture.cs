using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.Platform.Clock;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.TestKit;
using HuaweiCloud.Marketplace;
using HuaweiCloud.Marketplace.Simulator;
using Marten;
using Medallion.Threading.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>
/// A Billing Center with this module and a marketplace, each on real HTTP, and one clock for both. Tests that use it run one after
/// another (<see cref="CollectionName"/>), each with orders of its own, and leave the market without faults.
/// </summary>
public sealed class MarketFixture : IAsyncLifetime
{
    public const string CollectionName = "market";

    /// <summary>What the market's documented mock orders are about (protocol §5.1): nobody calls newInstance for them.</summary>
    public const string MockProductId = "00301-666666-0--0";

    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private const string AccessKey = "dev-seller-access-key";
    private readonly SimulatorOptions options = new()
    {
        Url = "http://127.0.0.1:0",
        SellerAccessKey = AccessKey,
        RetryScale = 0.005,
        QueryPollInterval = PollInterval,
        TickInterval = TimeSpan.FromMilliseconds(20),
    };

    private WebApplication market = null!; // set before any test
    private HttpClient http = null!;
    private Dictionary<string, string?> settings = null!;

    public WorldClock Clock { get; } = new();

    public TestDeployment BillingCenter { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        market = SimulatorHost.Build(options, Clock);
        await market.StartAsync(CancellationToken.None);
        http = new HttpClient { BaseAddress = new Uri(market.Urls.Single()) };
        settings = new()
        {
            ["HuaweiMarketplace:ApiBaseUrl"] = market.Urls.Single(),
            ["HuaweiMarketplace:AccessKey"] = AccessKey,
            ["HuaweiMarketplace:Iam:AccessKeyId"] = "dev-ak",
            ["HuaweiMarketplace:Iam:SecretAccessKey"] = "dev-sk",
            ["HuaweiMarketplace:V1:Enabled"] = "true",
            ["HuaweiMarketplace:PrepaidCardSku"] = "SKU-PREPAID-CARD",
            ["HuaweiMarketplace:FrontEndUrl"] = "https://console.example.com/register",
            ["Serilog:MinimumLevel:Default"] = "Fatal", // of what goes wrong here most is meant to
        };
        BillingCenter = await StartNodeAsync();
        // The market was built first, since the seller's settings name it; it reads its own at each call.
        options.SellerCallbackUrl = new Uri(BillingCenter.Url, "/marketplace/huawei/v2/produce").AbsoluteUri;
        options.SellerCallbackUrlV1 = new Uri(BillingCenter.Url, "/marketplace/huawei/v1/produce").AbsoluteUri;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await market.StopAsync(CancellationToken.None);
        await market.DisposeAsync();
        await BillingCenter.DisposeAsync();
    }

    /// <summary>A Billing Center on a database of its own, or one more node on a database that is there.</summary>
    public Task<TestDeployment> StartNodeAsync(string? connectionString = null) => TestDeployment.StartAsync(
        [new CloudAccountsModule()],
        settings: connectionString is null ? settings : new Dictionary<string, string?>(settings) { ["ConnectionStrings:Billing"] = connectionString },
        configureServices: services => services.AddSingleton(Clock));

    // --- the market

    public async Task<(string OrderId, string OrderLineId, string CustomerId)> PlaceOrderAsync(
        string product = "pay-per-use", string? customerId = null, string? email = null, string version = "v2", string? customerName = null, int? quantity = null, int? discountPercent = null)
    {
        var order = await PostAsync("/sim/orders", new { product, customerId, email, version, customerName, quantity, discountPercent });
        return (order.Text("orderId"), order.Text("orderLineId"), order.Text("customerId"));
    }

    /// <summary>An order whose instance runs at the market, its application information shown; the instance's id and the buyer's account.</summary>
    public async Task<(string InstanceId, string CustomerId)> BuyAsync(string product = "pay-per-use", string? customerId = null)
    {
        var order = await PlaceOrderAsync(product, customerId);
        return ((await RunningAsync(order.OrderLineId)).Text("instanceId"), order.CustomerId);
    }

    /// <summary>The market's view of an order line once its instance runs.</summary>
    public Task<JsonElement> RunningAsync(string orderLineId) =>
        Eventually.Until(() => GetAsync($"/sim/instances/{orderLineId}"), view => view.Text("status") == "running");

    /// <summary>Sets the pause between two queryInstance calls of the market's polling.</summary>
    public void PollEvery(TimeSpan pause) => options.QueryPollInterval = pause;

    public Task<JsonElement> ChangeAsync(string instanceId, string change, object? body = null) => PostAsync($"/sim/instances/{instanceId}/{change}", body ?? new { });

    /// <summary>The market's daily test of the seller's address.</summary>
    public Task<JsonElement> TestCallsAsync() => PostAsync("/sim/test-calls", new { });

    /// <summary>Every try about an instance, or the last 20,000 about any.</summary>
    public async Task<IReadOnlyList<JsonElement>> CallsAsync(string instanceId = "") =>
        [.. (await GetAsync(instanceId.Length > 0 ? $"/sim/calls?instanceId={instanceId}" : "/sim/calls?limit=20000")).GetProperty("items").EnumerateArray()];

    public async Task<IReadOnlyList<string>> ViolationsAsync(string orderLineId) =>
        [.. (await GetAsync("/sim/violations")).GetProperty("items").EnumerateArray().Where(v => v.Text("orderLineId") == orderLineId).Select(v => v.Text("sentence"))];

    /// <summary>Makes the market faulty until the answer is disposed.</summary>
    public async Task<IAsyncDisposable> FaultAsync(object faults)
    {
        await PostAsync("/sim/faults", faults);
        return new Healed(this);
    }

    // --- calls as the market would make them, for orders of arrival that it would not

    /// <summary>A signed V2.0 call.</summary>
    /// <param name="fields">The body, <c>activity</c> among them.</param>
    /// <param name="signedAt">Now, unless told.</param>
    /// <param name="nonce">A new one, unless told.</param>
    /// <param name="node">The Billing Center's only node, unless told.</param>
    /// <param name="key">The seller's, unless told.</param>
    public async Task<JsonElement> CallAsync(object fields, DateTimeOffset? signedAt = null, string? nonce = null, TestDeployment? node = null, string key = AccessKey)
    {
        var body = MarketplaceCanonicalJson.Canonicalize(JsonSerializer.SerializeToUtf8Bytes(fields))!; // it is an object
        var timestamp = (signedAt ?? Clock.GetUtcNow()).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        nonce ??= Ids.DeterministicGuid(timestamp, Encoding.UTF8.GetString(body), TestContext.Current.Test?.UniqueID ?? "").ToString();
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(
            new Uri((node ?? BillingCenter).Url, $"/marketplace/huawei/v2/produce?signature={MarketplaceSignature.Make(key, timestamp, nonce, body)}&timestamp={timestamp}&nonce={nonce}"),
            content,
            Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    /// <summary>newInstance in the new protocol.</summary>
    public Task<JsonElement> NewInstanceAsync(string orderId, string businessId, string? orderLineId = null) =>
        CallAsync(new { activity = "newInstance", orderId, orderLineId = orderLineId ?? orderId + "-000001", businessId });

    /// <summary>newInstance in the old protocol.</summary>
    public async Task<JsonElement> NewInstanceV1Async(string orderId, string productId, string businessId)
    {
        var parameters = new Dictionary<string, string>
        {
            ["activity"] = "newInstance", ["orderId"] = orderId, ["productId"] = productId, ["businessId"] = businessId, ["customerId"] = Domain.Fold.Customer,
            ["chargingMode"] = "0", ["timeStamp"] = Clock.GetUtcNow().UtcDateTime.ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture),
        };
        parameters["authToken"] = MarketplaceAuthToken.Make(AccessKey, parameters);
        var query = string.Join('&', parameters.Select(parameter => $"{parameter.Key}={Uri.EscapeDataString(parameter.Value)}"));
        using var answer = await http.GetAsync(new Uri(BillingCenter.Url, "/marketplace/huawei/v1/produce?" + query), Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    /// <summary>Every record about an instance that reached the market, with its verdict.</summary>
    public async Task<IReadOnlyList<JsonElement>> UsageAsync(string instanceId) =>
        [.. (await GetAsync($"/sim/usage?limit=20000&instanceId={instanceId}")).GetProperty("items").EnumerateArray()];

    /// <summary>The sum that the market charges the buyer of an instance.</summary>
    public async Task<decimal> ChargedAsync(string instanceId) =>
        (await UsageAsync(instanceId)).Where(record => record.Text("verdict") != "rejected").Sum(record => decimal.Parse(record.Text("usageValue"), CultureInfo.InvariantCulture));

    /// <summary>The market's monthly file.</summary>
    public Task<string> BillAsync(string month) => http.GetStringAsync(new Uri($"/sim/bills/{month}.csv", UriKind.Relative), Cancel);

    // --- pushes

    /// <summary>Keeps the job that pushes from running by itself, so that a test says when it does.</summary>
    public async Task<IAsyncDisposable> HoldPushesAsync() => await new PostgresDistributedLock(
        new PostgresAdvisoryLockKey($"tick:{PushUsageJob.Id}", allowHashing: true), BillingCenter.Services.GetRequiredService<NpgsqlDataSource>()).AcquireAsync(cancellationToken: Cancel);

    /// <summary>One run of the job, on a node.</summary>
    internal async Task PushAsync(IServiceProvider? node = null)
    {
        await using var scope = (node ?? BillingCenter.Services).CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<PushUsageJob>(scope.ServiceProvider).RunAsync(Cancel);
    }

    /// <summary>Runs of the job, each a while after the one before.</summary>
    internal async Task PushAsync(int runs, TimeSpan apart)
    {
        for (var run = 0; run < runs; run++)
        {
            Clock.Advance(apart);
            await PushAsync();
        }
    }

    /// <summary>Goes to the end of the day that runs in Beijing, and a little further.</summary>
    /// <returns>The day that ended.</returns>
    public DateOnly EndDay()
    {
        var now = Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
        Clock.Advance(now.Date.AddDays(1).AddMinutes(15) - now.DateTime);
        return DateOnly.FromDateTime(now.Date);
    }

    /// <summary>Settlement states what an instance owes.</summary>
    public Task StateAsync(string instanceId, long version, DateOnly day, decimal amount, decimal total) => BillingCenter.DeliverAsync(
        new CloudAccountsModule(),
        new CloudChargeStatedIntegrationEvent(
            Ids.DeterministicGuid("stated", instanceId, $"{version}"), version, Clock.GetUtcNow(), new(CloudProvider.HuaweiCloud, instanceId), day,
            new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(8)).ToUniversalTime(),
            new Money(amount, Currency.Cny), new Money(total, Currency.Cny)));

    /// <summary>What the Billing Center shows of an instance's records, newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> PushesAsync(string instanceId) =>
        [.. (await LookAsync($"/api/operator/usage-pushes?limit=200&instanceId={instanceId}")).GetProperty("items").EnumerateArray()];

    /// <summary>What became of an instance's charges by day.</summary>
    public async Task<IReadOnlyList<CloudChargeDay>> ListDaysAsync(DateOnly from, DateOnly to, string instanceId) =>
        [.. (await BillingCenter.SendAsync(new ListCloudChargeDays(from, to))).Where(day => day.Instance.InstanceId == instanceId)];

    /// <summary>What is at risk of an instance, if anything.</summary>
    public async Task<JsonElement?> AtRiskAsync(string instanceId) =>
        (await LookAsync("/api/operator/at-risk?limit=200")).GetProperty("items").EnumerateArray().Cast<JsonElement?>().FirstOrDefault(item => item!.Value.Text("instanceId") == instanceId);

    // --- what the Billing Center knows

    public Task<CloudSubscriptionFacts?> FindAsync(string instanceId) => BillingCenter.SendAsync(new GetCloudSubscription(CloudProvider.HuaweiCloud, instanceId));

    /// <summary>The subscription, once it has the state.</summary>
    public async Task<CloudSubscriptionFacts> FindAsync(string instanceId, CloudSubscriptionState state) =>
        (await Eventually.Until(() => FindAsync(instanceId), subscription => subscription?.State == state))!; // it was accepted

    internal async Task<IReadOnlyList<CloudSubscription>> OfOrderAsync(string orderId)
    {
        await using var session = BillingCenter.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.Query<CloudSubscription>().Where(subscription => subscription.OrderId == orderId).ToListAsync(Cancel);
    }

    internal async Task<IReadOnlyList<PendingOrder>> PendingAsync(string orderId)
    {
        await using var session = BillingCenter.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.Query<PendingOrder>().Where(order => order.OrderId == orderId).ToListAsync(Cancel);
    }

    /// <summary>Of how many of these orders the subscription knows what was bought.</summary>
    public async Task<int> KnownCountAsync(IReadOnlySet<string> orderIds)
    {
        var ids = orderIds.ToArray();
        await using var session = BillingCenter.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.Query<CloudSubscription>().CountAsync(subscription => subscription.AccountId != null && subscription.OrderId.IsOneOf(ids), Cancel);
    }

    /// <summary>Posts as an operator.</summary>
    public async Task<HttpResponseMessage> OperateAsync(string path, object body) => await SendAsOperatorAsync(HttpMethod.Post, path, JsonContent.Create(body));

    /// <summary>Posts a file as an operator.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> ImportAsync(string csv, bool preview = false)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var answer = await SendAsOperatorAsync(HttpMethod.Post, "/api/operator/marketplace-bills" + (preview ? "?preview=true" : ""), content);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel));
    }

    /// <summary>Reads as an operator.</summary>
    public async Task<JsonElement> LookAsync(string path)
    {
        using var answer = await SendAsOperatorAsync(HttpMethod.Get, path, content: null);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private async Task<HttpResponseMessage> SendAsOperatorAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = "test-operator", ["client_secret"] = "test-operator-secret", ["scope"] = "operator",
        });
        using var granted = await http.PostAsync(new Uri(BillingCenter.Url, "/connect/token"), form, Cancel);
        granted.StatusCode.ShouldBe(HttpStatusCode.OK, await granted.Content.ReadAsStringAsync(Cancel));
        using var request = new HttpRequestMessage(method, new Uri(BillingCenter.Url, path)) { Content = content };
        request.Headers.Authorization = new("Bearer", (await granted.Content.ReadFromJsonAsync<JsonElement>(Cancel)).Text("access_token"));
        return await http.SendAsync(request, Cancel);
    }

    private async Task<JsonElement> GetAsync(string path) => await http.GetFromJsonAsync<JsonElement>(path, Cancel);

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body, Cancel);
        ((int)answer.StatusCode).ShouldBeInRange(200, 299, await answer.Content.ReadAsStringAsync(Cancel));
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private sealed class Healed(MarketFixture fixture) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await fixture.PostAsync("/sim/faults", new { reset = true });
    }
}

[CollectionDefinition(MarketFixture.CollectionName)]
public sealed class MarketCollection : ICollectionFixture<MarketFixture>;

internal static class JsonText
{
    /// <summary>A member's text; empty where there is none.</summary>
    public static string Text(this JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ToString() : "";

    public static string Code(this JsonElement answer) => answer.Text("resultCode");
}
