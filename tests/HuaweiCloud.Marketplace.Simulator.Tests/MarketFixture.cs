using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

/// <summary>One simulated market and one fake seller on ports of their own, talking real HTTP, on a clock that a test moves.</summary>
internal sealed class MarketFixture : IAsyncDisposable
{
    public const string Key = "seller-key-of-tests";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);
    private WebApplication app;

    private MarketFixture(WebApplication app, FakeSeller seller, AdjustableClock clock, SimulatorOptions options)
    {
        this.app = app;
        Seller = seller;
        Clock = clock;
        Options = options;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public FakeSeller Seller { get; }
    public AdjustableClock Clock { get; }
    public SimulatorOptions Options { get; }
    public HttpClient Http { get; private set; }
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<MarketFixture> StartAsync(Action<SimulatorOptions>? configure = null, bool withV1 = false, Pages.MoveClock? moveClock = null)
    {
        var clock = new AdjustableClock();
        var seller = new FakeSeller(Key, clock);
        await seller.StartAsync();
        var options = new SimulatorOptions
        {
            Url = "http://127.0.0.1:0",
            SellerCallbackUrl = seller.Url,
            SellerCallbackUrlV1 = withV1 ? seller.Url + "/v1" : null,
            SellerAccessKey = Key,
            TickInterval = TimeSpan.FromMilliseconds(20),
            ControlWait = Limit,
        };
        configure?.Invoke(options);
        var market = SimulatorHost.Build(options, clock, moveClock);
        await market.StartAsync(Cancel);
        return new MarketFixture(market, seller, clock, options);
    }

    /// <summary>Stops the market and starts it anew with the same options; the seller goes on.</summary>
    public async Task RestartAsync(Action? meanwhile = null)
    {
        await StopAsync();
        meanwhile?.Invoke();
        app = SimulatorHost.Build(Options, Clock);
        await app.StartAsync(Cancel);
        Http.Dispose();
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public async Task StopAsync()
    {
        await app.StopAsync(Cancel);
        await app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (Options.StateFile is not null)
            await app.StopAsync(CancellationToken.None); // so that the file is let go
        await app.DisposeAsync();
        await Seller.DisposeAsync();
    }

    public Task RunDueAsync() => app.Services.GetRequiredService<SimulatorClockwork>().RunDueAsync(Cancel);

    public async Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        await RunDueAsync();
    }

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(path, Cancel);

    public async Task<IReadOnlyList<JsonElement>> ItemsAsync(string path) => [.. (await GetAsync(path)).GetProperty("items").EnumerateArray()];

    public async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(string path, string? json = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        using var response = await Http.SendAsync(request, Cancel);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancel));
    }

    public async Task FaultsAsync(string json) => (await PostAsync("/sim/faults", json)).Status.ShouldBe(HttpStatusCode.OK);

    /// <summary>Places an order; the answer is its order line id.</summary>
    public async Task<string> OrderAsync(string product = "pay-per-use", string more = "")
    {
        var (status, json) = await PostAsync("/sim/orders", $$"""{"product":"{{product}}"{{more}}}""");
        status.ShouldBe(HttpStatusCode.Created);
        return json.GetProperty("orderLineId").GetString()!;
    }

    /// <summary>Places an order and waits until it runs; the answer is the instance id.</summary>
    public async Task<string> RunningAsync(string product = "pay-per-use", string more = "") =>
        (await StatusAsync(await OrderAsync(product, more), "running")).GetProperty("instanceId").GetString()!;

    public Task<JsonElement> InstanceAsync(string id) => GetAsync("/sim/instances/" + id);

    public Task<JsonElement> StatusAsync(string id, string status) =>
        EventuallyAsync(() => InstanceAsync(id), i => i.GetProperty("status").GetString() == status, $"instance {id} to be {status}");

    public async Task<IReadOnlyList<JsonElement>> CallsAsync(string activity) =>
        [.. (await ItemsAsync("/sim/calls")).Where(c => c.GetProperty("activity").GetString() == activity)];

    public Task<IReadOnlyList<JsonElement>> CallsAsync(string activity, int count) =>
        EventuallyAsync(() => CallsAsync(activity), c => c.Count >= count, $"{count} calls of {activity}");

    public async Task<IReadOnlyList<string>> ViolationKindsAsync() =>
        [.. (await ItemsAsync("/sim/violations")).Select(v => v.GetProperty("kind").GetString()!)];

    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> holds, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Limit);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var last = await look();
        try
        {
            while (!holds(last))
            {
                await pause.WaitForNextTickAsync(limit.Token);
                last = await look();
            }
        }
        catch (OperationCanceledException e) when (!Cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {Limit.TotalSeconds} s for {what}; last seen: {last}", e);
        }
        return last;
    }
}
