using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Sites.Feed;

/// <summary>What the operator sees of the link: each site at the Billing Center, the Billing Center at a site.</summary>
internal static class OperatorEndpoints
{
    public static void Map(IEndpointRouteBuilder e, Deployment deployment)
    {
        if (deployment.Role is DeploymentRole.BillingCenter)
        {
            e.MapGet("/api/operator/sites", SitesAsync)
                .ForClients(Scopes.Operator)
                .Refuses()
                .WithSummary("How far each site is: what it was told and has applied, what is applied of it, the lag, the last contact.")
                .WithTags("Operator");
        }
        else
        {
            e.MapGet("/api/operator/link", async (Feeds feeds, TimeProvider clock, CancellationToken ct) =>
                    TypedResults.Ok(StandingOf((await feeds.PeersAsync(ct)).Single(), clock.GetUtcNow())))
                .ForClients(Scopes.Operator)
                .Refuses()
                .WithSummary("How the link to the Billing Center stands.")
                .WithTags("Operator");
        }
    }

    private static async Task<Ok<Page<Standing>>> SitesAsync(Feeds feeds, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var sites = await feeds.PeersAsync(ct);
        return TypedResults.Ok(new Page<Standing>([.. sites.Select(site => StandingOf(site, now))], null));
    }

    private static Standing StandingOf(PeerStatus peer, DateTimeOffset now) => new(
        peer.Name,
        peer.Url,
        new(peer.ToldPosition, peer.AcknowledgedPosition, peer.AcknowledgedAt, peer.ToldPosition - peer.AcknowledgedPosition,
            peer.OldestPendingAt is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0),
        new(peer.ReadPosition, peer.ReadAt),
        peer.LastContactAt,
        peer.LastError);

    /// <summary>How a peer stands.</summary>
    private sealed record Standing(string Site, string Url, Told Told, Applied Applied, DateTimeOffset? LastContactAt, string? LastError);

    /// <summary>The feed written for the peer.</summary>
    private sealed record Told(long Position, long AcknowledgedPosition, DateTimeOffset? AcknowledgedAt, long Pending, double LagSeconds);

    /// <summary>The peer's own feed, as far as it is applied here.</summary>
    private sealed record Applied(long Position, DateTimeOffset? At);
}
