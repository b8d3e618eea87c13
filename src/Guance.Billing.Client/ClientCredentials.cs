using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Kiota.Abstractions.Authentication;

namespace Guance.Billing.Client;

/// <summary>Access tokens of an OAuth client (<c>POST /connect/token</c>), each used until shortly before it expires.</summary>
internal sealed class ClientCredentials(GuanceBillingOptions options, HttpClient http) : IAccessTokenProvider
{
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private Task<(string Token, DateTimeOffset Until)>? asked;

    /// <summary>The token goes to the deployment alone, since no other address is ever asked.</summary>
    public AllowedHostsValidator AllowedHostsValidator { get; } = new([options.Url.Host]);

    public async Task<string> GetAuthorizationTokenAsync(Uri uri, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default)
    {
        Task<(string Token, DateTimeOffset Until)> asking;
        lock (gate)
        {
            // One asks for all; whoever gives up leaves it to the others.
            if (asked is null || (asked.IsCompleted && !(asked.IsCompletedSuccessfully && asked.Result.Until > TimeProvider.System.GetUtcNow())))
            {
                asked = AskAsync();
            }

            asking = asked;
        }

        return (await asking.WaitAsync(cancellationToken)).Token;
    }

    private async Task<(string Token, DateTimeOffset Until)> AskAsync()
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials", ["client_id"] = options.ClientId!, ["client_secret"] = options.ClientSecret ?? "",
        };
        if (options.Scopes.Count > 0)
        {
            fields["scope"] = string.Join(' ', options.Scopes);
        }

        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(new Uri(options.BillingCenterUrl ?? options.Url, "/connect/token"), form);
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"The Billing Center gave the client {options.ClientId} no token: {(int)answer.StatusCode}. Check its id, its secret and its scopes.", null, answer.StatusCode);
        }

        var granted = await answer.Content.ReadFromJsonAsync<Granted>() ?? throw new HttpRequestException("The Billing Center answered no token.");
        return (granted.Token, TimeProvider.System.GetUtcNow().AddSeconds(granted.ExpiresInSeconds) - BeforeExpiry);
    }

    private sealed record Granted([property: JsonPropertyName("access_token")] string Token, [property: JsonPropertyName("expires_in")] int ExpiresInSeconds);
}
