using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;

namespace Guance.Billing.Settlement.Features;

/// <summary>For pages; the API's /api/operator/sites is the site link's own.</summary>
internal sealed class ListSitesHandler(IFeeds feeds, TimeProvider clock) : IQueryHandler<ListSites, Page<SiteStanding>>
{
    public async Task<Page<SiteStanding>> Handle(ListSites request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return new(
            [
                .. (await feeds.SitesAsync(cancellationToken)).Select(site => new SiteStanding(
                    site.Site, site.Url, site.ToldPosition, site.AcknowledgedPosition, site.AcknowledgedAt, site.Pending,
                    site.OldestPendingAt is { } oldest && oldest < now ? now - oldest : TimeSpan.Zero, site.ReadPosition, site.ReadAt, site.LastContactAt,
                    now - site.LastContactAt, site.LastError)),
            ],
            null);
    }
}
