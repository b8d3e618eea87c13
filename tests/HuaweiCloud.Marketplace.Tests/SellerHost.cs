using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HuaweiCloud.Marketplace.Tests;

/// <summary>A seller on a real Kestrel, and the marketplace's hand to call it.</summary>
internal sealed class SellerHost : IAsyncDisposable
{
    public const string V2Path = "/produce/v2";
    public const string V1Path = "/produce/v1";
    private readonly WebApplication _app;
    private int _calls;

    private SellerHost(WebApplication app, RecordingSeller seller, ManualClock clock, RecordingLogs logs)
    {
        (_app, Seller, Clock, Logs) = (app, seller, clock, logs);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public RecordingSeller Seller { get; }

    public ManualClock Clock { get; }

    public RecordingLogs Logs { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<SellerHost> StartAsync(Action<IServiceCollection>? services = null, params (string Name, string Value)[] settings)
    {
        var (seller, clock, logs) = (new RecordingSeller(), new ManualClock(), new RecordingLogs());
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(logs).SetMinimumLevel(LogLevel.Debug);
        builder.Configuration.AddInMemoryCollection(settings.Append(("AccessKey", Vectors.Key)).DistinctBy(setting => setting.Item1)
            .Select(setting => KeyValuePair.Create($"HuaweiMarketplace:{setting.Item1}", (string?)setting.Item2)));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddHuaweiMarketplace(builder.Configuration);
        builder.Services.AddScoped<IMarketplaceSeller>(_ => seller);
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapHuaweiMarketplaceV2(V2Path);
        app.MapHuaweiMarketplaceV1(V1Path);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new SellerHost(app, seller, clock, logs);
    }

    /// <summary>A nonce not used before.</summary>
    public string NextNonce() => $"nonce-{Interlocked.Increment(ref _calls)}";

    /// <summary>The V2.0 address for a body, freshly signed.</summary>
    public string SignedV2(byte[] body, string key = Vectors.Key, string? nonce = null, TimeSpan late = default)
    {
        nonce ??= NextNonce();
        var timestamp = (Clock.GetUtcNow() - late).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        return $"{V2Path}?signature={MarketplaceSignature.Make(key, timestamp, nonce, body)}&timestamp={timestamp}&nonce={nonce}";
    }

    public Task<Answer> CallV2Async(string body, string key = Vectors.Key) => CallV2Async(Encoding.UTF8.GetBytes(body), key);

    public Task<Answer> CallV2Async(byte[] body, string key = Vectors.Key) => PostAsync(SignedV2(body, key), body);

    public Task<Answer> PostAsync(string address, byte[] body, string? contentType = "application/json;charset=utf8")
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null) content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = content });
    }

    /// <summary>A V1.0 call, signed, with every value escaped as a browser would.</summary>
    public Task<Answer> CallV1Async(string parameters, string key = Vectors.Key, TimeSpan late = default) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, SignedV1(Vectors.Parameters(parameters), Uri.EscapeDataString, key, late)));

    public string SignedV1(Dictionary<string, string> parameters, Func<string, string> escape, string key = Vectors.Key, TimeSpan late = default)
    {
        parameters["timeStamp"] = MarketplaceTime.Format(Clock.GetUtcNow() - late);
        parameters["authToken"] = MarketplaceAuthToken.Make(key, parameters);
        return $"{V1Path}?" + string.Join('&', parameters.Select(p => $"{p.Key}={escape(p.Value)}"));
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
            return new Answer(
                response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Headers.TryGetValues("Body-Sign", out var sign) ? sign.Single() : null,
                await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(HttpStatusCode Status, string? ContentType, string? BodySign, byte[] Bytes)
{
    public JsonElement Json { get; } = Bytes.Length == 0 ? default : JsonElement.Parse(Bytes);

    public string? Code => Json.GetProperty("resultCode").GetString();

    public string? Message => Json.GetProperty("resultMsg").GetString();

    /// <summary>Whatever was asked: HTTP 200, JSON, a code, and a signature over these very bytes.</summary>
    public Answer ShouldBeOfTheProtocol(string code, string key = Vectors.Key)
    {
        Status.ShouldBe(HttpStatusCode.OK);
        ContentType.ShouldBe("application/json");
        BodySign.ShouldBe(MarketplaceBodySign.Make(key, Bytes));
        Code.ShouldBe(code, Encoding.UTF8.GetString(Bytes));
        Message.ShouldNotBeNullOrEmpty();
        return this;
    }

    /// <summary>Refused with a code and a message that holds a text.</summary>
    public Answer ShouldRefuse(string code, string text)
    {
        ShouldBeOfTheProtocol(code);
        Message!.ShouldContain(text);
        return this;
    }
}

/// <summary>A seller that notes what it was asked and answers what it is told to.</summary>
internal sealed class RecordingSeller : IMarketplaceSeller
{
    public ConcurrentQueue<(MarketplaceRequest Request, MarketplaceCall Call)> Seen { get; } = new();

    /// <summary>Answers in place of the usual; null lets the usual answer stand.</summary>
    public Func<MarketplaceRequest, CancellationToken, Task<MarketplaceResult?>> Instead { get; set; } = (_, _) => Task.FromResult<MarketplaceResult?>(null);

    public static ApplicationInfo AppInfo { get; } =
        new("https://app.example.com/?a=1&b=2", "https://admin.example.com/", "admin@example.com", "s3cret+pass", "备注 <memo>");

    public T Only<T>() where T : MarketplaceRequest => Seen.ShouldHaveSingleItem().Request.ShouldBeOfType<T>();

    public Task<NewInstanceResult> NewInstanceAsync(NewInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, NewInstanceResult.Created(request.BusinessId, AppInfo), cancellationToken);

    public Task<QueryInstanceResult> QueryInstanceAsync(QueryInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, QueryInstanceResult.Found([.. request.InstanceIds.Select(id => new InstanceInfo(id, AppInfo, [new UsageInfo(12.5000m, call.ReceivedAt, "related")]))]), cancellationToken);

    public Task<MarketplaceResult> RefreshInstanceAsync(RefreshInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, MarketplaceResult.Success, cancellationToken);

    public Task<MarketplaceResult> UpdateInstanceStatusAsync(UpdateInstanceStatusRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, MarketplaceResult.Success, cancellationToken);

    public Task<MarketplaceResult> ReleaseInstanceAsync(ReleaseInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, MarketplaceResult.Success, cancellationToken);

    public Task<MarketplaceResult> UpgradeInstanceAsync(UpgradeInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, MarketplaceResult.Success, cancellationToken);

    public Task<MarketplaceResult> ChangeInstanceCheckAsync(ChangeInstanceCheckRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, MarketplaceResult.Success, cancellationToken);

    public Task<MarketplaceResult> OrderNotifyAsync(OrderNotifyRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Note(request, call, MarketplaceResult.Success, cancellationToken);

    private async Task<T> Note<T>(MarketplaceRequest request, MarketplaceCall call, T usual, CancellationToken cancellationToken) where T : MarketplaceResult
    {
        Seen.Enqueue((request, call));
        return (T?)await Instead(request, cancellationToken) ?? usual;
    }
}

/// <summary>Everything that was logged.</summary>
internal sealed class RecordingLogs : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text)> Entries { get; } = new();

    public string Text => string.Join('\n', Entries.Select(entry => entry.Text));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));

    public void Dispose() { }
}
