using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Guance.Billing.Platform;
using Guance.Billing.Sites.Feed;

namespace Guance.Billing.Sites.Reading;

/// <summary>Asks a peer for what follows in the feed that it writes for this deployment.</summary>
internal sealed class FeedClient(IHttpClientFactory http, Deployment deployment, TimeProvider clock)
{
    public const string HttpClientName = "link.feed";

    /// <summary>How long the peer may take beyond the time that it was told to wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The next messages, as soon as there are some; none when the wait is over.</summary>
    /// <exception cref="PeerUnreachableException">No answer, or none that is a page of the feed.</exception>
    public async Task<FeedPage> ReadAsync(Peer peer, long after, int limit, TimeSpan wait, CancellationToken ct)
    {
        using var limited = new CancellationTokenSource(wait + Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limited.Token);
        var address = string.Create(CultureInfo.InvariantCulture, $"{peer.Url}/feed/{deployment.Name}?after={after}&limit={limit}&wait={wait.TotalSeconds:0}");
        try
        {
            using var client = http.CreateClient(HttpClientName);
            using var answer = await client.GetAsync(address, either.Token);
            if (answer.StatusCode is not HttpStatusCode.OK)
            {
                var text = await answer.Content.ReadAsStringAsync(either.Token);
                throw new PeerUnreachableException(
                    $"{peer.Name} answered {(int)answer.StatusCode} at {address}: {(text.Length > 500 ? text[..500] : text)}");
            }

            return await answer.Content.ReadFromJsonAsync<FeedPage>(Wire.Json, either.Token)
                ?? throw new PeerUnreachableException($"{peer.Name} answered nothing at {address}.");
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or IOException or JsonException or NotSupportedException)
        {
            throw new PeerUnreachableException($"{peer.Name} cannot be read at {peer.Url}: {failure.Message}", failure);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new PeerUnreachableException($"{peer.Name} gave no answer in time at {peer.Url}.");
        }
    }
}
