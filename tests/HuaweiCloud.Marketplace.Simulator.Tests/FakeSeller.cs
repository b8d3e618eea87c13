using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

/// <summary>What the seller got, with its own judgement of the signature.</summary>
internal sealed record Received(string Activity, IReadOnlyDictionary<string, string> Query, string Body, bool IsSigned, string? ContentType)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Field(string name) => Body.Length == 0
        ? Query.GetValueOrDefault(name)
        : Json.TryGetProperty(name, out var value) ? value.ToString() : null;

    public long TimestampMs => long.Parse(Query["timestamp"], CultureInfo.InvariantCulture);
}

internal sealed record Reply(string Body, int Status = 200, string ContentType = "application/json", string? BodySign = null, bool OmitsBodySign = false)
{
    public static Reply Code(string resultCode) => new($$"""{"resultCode":"{{resultCode}}","resultMsg":"as told"}""");

    public static Reply Created(string instanceId, string resultCode = "000000") =>
        new($$"""{"resultCode":"{{resultCode}}","resultMsg":"success","instanceId":"{{instanceId}}"}""");
}

/// <summary>A seller as the protocol wants it, which a test can make misbehave by <see cref="Script"/>.</summary>
internal sealed class FakeSeller(string accessKey, TimeProvider clock) : IAsyncDisposable
{
    public const string FrontEndUrl = "https://console.seller.example/login";
    private readonly ConcurrentQueue<Received> received = new();
    private readonly ConcurrentDictionary<string, string> instances = new();
    private WebApplication? app;

    /// <summary>Answers in place of the seller; null: the seller answers by itself.</summary>
    public Func<Received, Reply?> Script { get; set; } = _ => null;

    public string Url => app!.Urls.First() + "/produce"; // started before it is asked

    public IReadOnlyList<Received> All => [.. received];

    public IReadOnlyList<Received> Of(string activity) => [.. received.Where(r => r.Activity == activity)];

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        app = builder.Build();
        app.UseRouting();
        app.MapPost("/produce", AnswerV2Async);
        app.MapGet("/produce/v1", AnswerV1Async);
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private async Task AnswerV2Async(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        var inner = Hex(body);
        var isSigned = Hex(accessKey + query["nonce"] + query["timestamp"] + inner).Equals(query["signature"], StringComparison.OrdinalIgnoreCase)
            && Math.Abs(long.Parse(query["timestamp"], CultureInfo.InvariantCulture) - clock.GetUtcNow().ToUnixTimeMilliseconds()) <= 60_000;
        var activity = JsonDocument.Parse(body).RootElement.GetProperty("activity").GetString()!;
        await AnswerAsync(context, new Received(activity, query, body, isSigned, context.Request.ContentType));
    }

    private async Task AnswerV1Async(HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        var text = string.Join('&', query.Where(q => q.Key != "authToken").OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key}={q.Value}"));
        var token = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey + query["timeStamp"]), Encoding.UTF8.GetBytes(text)));
        await AnswerAsync(context, new Received(query["activity"], query, "", token == query["authToken"], null));
    }

    private async Task AnswerAsync(HttpContext context, Received request)
    {
        received.Enqueue(request);
        var reply = !request.IsSigned ? Reply.Code("000001") : Script(request) ?? AnswerByItself(request);
        var bytes = Encoding.UTF8.GetBytes(reply.Body);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        if (!reply.OmitsBodySign)
        {
            var sign = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), bytes));
            context.Response.Headers["Body-Sign"] = reply.BodySign ?? $"sign_type=\"HMAC-SHA256\", signature=\"{sign}\"";
        }
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private Reply AnswerByItself(Received request)
    {
        switch (request.Activity)
        {
            case "newInstance":
                return Reply.Created(instances.GetOrAdd(request.Field("orderLineId") ?? request.Field("orderId")!, request.Field("businessId")!));
            case "queryInstance":
                var id = request.Field("instanceId");
                return new($$"""
                    {"resultCode":"000000","resultMsg":"success","info":[{"instanceId":"{{id}}","appInfo":{"frontEndUrl":"{{FrontEndUrl}}","memo":"hello"},
                    "usageInfo":[{"usageValue":0,"statisticalTime":"20260305082030000"}]}]}
                    """);
            default:
                return Reply.Code("000000");
        }
    }

    private string Hex(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), Encoding.UTF8.GetBytes(text)));
}
