using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Guance.Billing.Client;

namespace Guance.Billing.World;

/// <summary>One person's browser, or a program with a token: talks JSON to one deployment and keeps its cookies.</summary>
public sealed class Person : IDisposable
{
    /// <summary>For as long as a person would who must.</summary>
    private static readonly TimeSpan InsistsMax = TimeSpan.FromMinutes(5);

    private readonly HttpClient http;

    /// <summary>A browser at a deployment.</summary>
    /// <param name="url">The deployment.</param>
    /// <param name="insists">Whether what gave no answer, or said that something is away, is asked again, by one Idempotency-Key, until it is answered.</param>
    public Person(string url, bool insists = false)
    {
        var browser = new SocketsHttpHandler { UseCookies = true };
        http = new HttpClient(insists ? GuanceBilling.Handler(InsistsMax, browser) : browser)
        {
            BaseAddress = new Uri(url), Timeout = insists ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(120),
        };
    }

    /// <summary>A program with an access token.</summary>
    public static async Task<Person> ProgramAsync(string url, string billingCenterUrl, string clientId, string clientSecret)
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
        var person = new Person(url);
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
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
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
