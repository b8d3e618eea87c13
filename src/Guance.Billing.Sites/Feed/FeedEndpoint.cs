using Guance.Billing.Platform.Access;
using Guance.Billing.Sites.Reading;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Guance.Billing.Sites.Feed;

/// <summary>Serves a peer its feed. Asking for what follows N says that the peer has applied everything up to N.</summary>
internal static class FeedEndpoint
{
    public const int LimitMax = 1000;
    public const int WaitSecondsMax = 30;
    private const int LimitDefault = 500;

    /// <summary>
    /// How long a message written by another node can go unnoticed here. A look at one row by its key four times a second for each
    /// waiting peer is nothing, and needs neither a connection kept open for LISTEN nor a way to mend it.
    /// </summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    public static void Map(IEndpointRouteBuilder e) => e
        .MapGet("/feed/{peer}", ReadAsync)
        .ForClients(Scopes.Link)
        .Refuses("feed-not-found", "feed-position-invalid", "feed-position-unknown", "feed-limit-invalid", "feed-wait-invalid")
        .WithSummary("What a peer must be told, after a position; asking acknowledges what comes before.")
        .WithTags("Site link");

    private static async Task<JsonHttpResult<FeedPage>> ReadAsync(
        string peer, long? after, int? limit, int? wait, FeedStore feeds, FeedSignal signal, Contacts contacts, ICallers callers, TimeProvider clock,
        IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var caller = callers.Current;
        if (caller.Kind is not CallerKind.Client || !caller.Has(Scopes.Link) || caller.Id != Peer.ClientIdOf(peer))
        {
            throw BillingRefusal.NotFound("feed-not-found", "There is no such feed. A deployment reads its own feed, with its own client.");
        }

        var position = InRange(after ?? 0, 0, long.MaxValue, "after", "feed-position-invalid");
        var count = (int)InRange(limit ?? LimitDefault, 1, LimitMax, "limit", "feed-limit-invalid");
        var patience = TimeSpan.FromSeconds(InRange(wait ?? 0, 0, WaitSecondsMax, "wait", "feed-wait-invalid"));

        await contacts.SeenAsync(peer, ct);
        // Taken before looking, so that nothing is written unnoticed in between.
        var written = signal.Next;
        var last = await feeds.AcknowledgeAsync(peer, position, ct);
        if (position > last)
        {
            throw BillingRefusal.InvalidField("after", "feed-position-unknown",
                $"This feed ends at {last}: {position} was never written. If this deployment was restored from a backup, its operator must mend the feed.");
        }

        // A node that stops answers those who wait, so that they go on at another one.
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        var start = clock.GetTimestamp();
        while (last == position && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            var left = patience - clock.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            await Task.WhenAny(written, Task.Delay(left < LookAgain ? left : LookAgain, clock, waiting.Token));
            ct.ThrowIfCancellationRequested();
            written = signal.Next;
            last = await feeds.LastPositionAsync(peer, ct);
        }

        var messages = last == position ? [] : await feeds.ReadAsync(peer, position, count, ct);
        return TypedResults.Json(new FeedPage(messages, last), Wire.Json);
    }

    private static long InRange(long value, long min, long max, string field, string code) => value >= min && value <= max
        ? value
        : throw BillingRefusal.InvalidField(field, code, $"'{field}' is a number from {min} to {max}.");
}
