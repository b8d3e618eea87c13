using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Sites.Http;

/// <summary>
/// The access token by which this deployment speaks to its peers: OAuth 2.0 client credentials at the Billing Center
/// (<c>Link__ClientId</c>, <c>Link__ClientSecret</c>), kept until shortly before it runs out.
/// </summary>
internal sealed class LinkTokens(IHttpClientFactory http, IConfiguration configuration, Deployment deployment, TimeProvider clock) : IDisposable
{
    public const string HttpClientName = "link.token";

    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim one = new(1, 1);
    private string token = "";
    private DateTimeOffset until = DateTimeOffset.MinValue;

    /// <summary>A token; another one than the one that a peer has just refused.</summary>
    /// <exception cref="HttpRequestException">No token is to be had.</exception>
    public async Task<string> GetAsync(string? refused, CancellationToken ct)
    {
        await one.WaitAsync(ct);
        try
        {
            if (token == refused || clock.GetUtcNow() >= until)
            {
                await FetchAsync(ct);
            }

            return token;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task FetchAsync(CancellationToken ct)
    {
        var clientId = configuration["Link:ClientId"] ?? Peer.ClientIdOf(deployment.Name);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = clientId,
            ["client_secret"] = configuration["Link:ClientSecret"] ?? throw new HttpRequestException("Link__ClientSecret is missing: without it no peer can be spoken to."),
            ["scope"] = Scopes.Link,
        });
        using var client = http.CreateClient(HttpClientName);
        using var answer = await client.PostAsync($"{deployment.BillingCenterUrl}/connect/token", form, ct);
        if (answer.StatusCode is not HttpStatusCode.OK)
        {
            throw new HttpRequestException(
                $"The Billing Center gave the client {clientId} no access token ({(int)answer.StatusCode}); check Link__ClientId and Link__ClientSecret.",
                inner: null, answer.StatusCode);
        }

        var granted = await answer.Content.ReadFromJsonAsync<Granted>(ct) ?? throw new HttpRequestException("The Billing Center's token answer is empty.");
        token = granted.AccessToken;
        until = clock.GetUtcNow() + TimeSpan.FromSeconds(granted.ExpiresIn) - BeforeExpiry;
    }

    private sealed record Granted(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <summary>Puts the token on each request; one that is refused is fetched anew once.</summary>
internal sealed class LinkAuthorization(LinkTokens tokens) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await tokens.GetAsync(refused: null, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var answer = await base.SendAsync(request, cancellationToken);
        if (answer.StatusCode is not HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        answer.Dispose();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.GetAsync(token, cancellationToken));
        return await base.SendAsync(request, cancellationToken);
    }
}
