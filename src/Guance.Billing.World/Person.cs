using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Guance.Billing.World;

/// <summary>One person's browser, or a program with a token: talks JSON to one deployment and keeps its cookies.</summary>
public sealed class Person : IDisposable
{
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>Asks again whoever gave no answer in time, or said that something is away just now: for as long as a person would.</summary>
    private static readonly ResiliencePipeline<HttpResponseMessage> Insisting = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddTimeout(TimeSpan.FromMinutes(5))
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(250),
            BackoffType = DelayBackoffType.Constant,
            // A connection that is lost at once comes as it is.
            ShouldHandle = asked => ValueTask.FromResult(asked.Outcome.Exception is SocketException or IOException || HttpClientResiliencePredicates.IsTransient(asked.Outcome)),
        })
        .AddTimeout(TimeSpan.FromSeconds(15))
        .Build();

    private readonly HttpClient http;
    private readonly bool insists;

    /// <summary>A browser at a deployment.</summary>
    /// <param name="url">The deployment.</param>
    /// <param name="insists">Whether what gave no answer, or said that something is away, is asked again, by one Idempotency-Key, until it is answered.</param>
    public Person(string url, bool insists = false)
    {
        var browser = new SocketsHttpHandler { UseCookies = true };
        http = new HttpClient(insists ? new ResilienceHandler(Insisting) { InnerHandler = browser } : browser)
        {
            BaseAddress = new Uri(url), Timeout = insists ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(120),
        };
        this.insists = insists;
    }

    /// <summary>A program with an access token.</summary>
    public static async Task<Person> ProgramAsync(string url, string billingCenterUrl, string clientId, string clientSecret, bool insists = false)
    {
        using var tokens = new Person(billingCenterUrl, insists: true);
        using var asking = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials", ["client_id"] = clientId, ["client_secret"] = clientSecret,
                ["scope"] = "usage.write access.read billing.read billing.write operator",
            }),
        };
        var token = await tokens.SendAsync(asking, null);
        var person = new Person(url, insists);
        person.http.DefaultRequestHeaders.Authorization = new("Bearer", token.MustSucceed()["access_token"]!.GetValue<string>());
        return person;
    }

    /// <summary>Asks, and gives back what is answered, whatever it is.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Web);
        }

        return await SendAsync(request, idempotencyKey);
    }

    /// <summary>Sends a text, such as a file, and gives back what is answered.</summary>
    public async Task<Answer> SendTextAsync(HttpMethod method, string path, string text, string mediaType)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(text, System.Text.Encoding.UTF8, mediaType) };
        return await SendAsync(request, null);
    }

    private async Task<Answer> SendAsync(HttpRequestMessage request, string? idempotencyKey)
    {
        if (insists && request.Method == HttpMethod.Post)
        {
            idempotencyKey ??= RandomNumberGenerator.GetHexString(32);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add(KeyHeader, idempotencyKey);
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        JsonNode? json = null;
        if (text.Length > 0 && response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json")
        {
            json = JsonNode.Parse(text);
        }

        return new Answer(request.Method, request.RequestUri!.OriginalString, response.StatusCode, json, text, response.Content.Headers.ContentType?.MediaType, response.Headers.ETag?.Tag);
    }

    /// <summary>Reads; anything but success is unexpected.</summary>
    public async Task<JsonNode> GetAsync(string path) => (await SendAsync(HttpMethod.Get, path)).MustSucceed();

    /// <summary>Posts; anything but success is unexpected.</summary>
    public async Task<JsonNode> PostAsync(string path, object? body = null) => (await SendAsync(HttpMethod.Post, path, body ?? new { })).MustSucceed();

    /// <summary>Puts; anything but success is unexpected.</summary>
    public async Task<JsonNode> PutAsync(string path, object body) => (await SendAsync(HttpMethod.Put, path, body)).MustSucceed();

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}

/// <summary>What a deployment answered.</summary>
/// <param name="Method">How it was asked.</param>
/// <param name="Path">What it was asked.</param>
/// <param name="Status">The status.</param>
/// <param name="Json">The body, where it is JSON.</param>
/// <param name="Text">The body as text.</param>
/// <param name="MediaType">The body's media type.</param>
/// <param name="ETag">The version of what was read.</param>
public sealed record Answer(HttpMethod Method, string Path, HttpStatusCode Status, JsonNode? Json, string Text, string? MediaType, string? ETag)
{
    /// <summary>A problem's code.</summary>
    public string? Code => Json?["code"]?.GetValue<string>();

    /// <summary>The body of a success; an empty object where there is none.</summary>
    /// <exception cref="UnexpectedAnswerException">It was refused.</exception>
    public JsonNode MustSucceed() => (int)Status is >= 200 and < 300 ? Json ?? new JsonObject() : throw new UnexpectedAnswerException(Method, Path, Status, Json);
}

/// <summary>Something was answered that the story did not expect.</summary>
public sealed class UnexpectedAnswerException(HttpMethod method, string path, HttpStatusCode status, JsonNode? body)
    : Exception($"{method} {path} was answered {(int)status}: {body?.ToJsonString() ?? "(nothing)"}");
