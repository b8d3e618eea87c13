using Guance.Billing.Platform;

namespace Guance.Billing.Sites;

/// <summary>Another deployment: the Billing Center as a site sees it, or a site as the Billing Center sees it.</summary>
/// <param name="Name"><c>billing-center</c>, or the site's code.</param>
/// <param name="Url">Its address, without a trailing slash.</param>
internal sealed record Peer(string Name, string Url)
{
    /// <summary>The peers whose feeds this deployment reads: the Billing Center at a site, each site at the Billing Center.</summary>
    public static IReadOnlyList<Peer> Of(Deployment deployment) => deployment.Role is DeploymentRole.Site
        ? [new(Deployment.BillingCenterName, deployment.BillingCenterUrl)]
        : [.. deployment.SiteUrls.Select(site => new Peer(site.Key.Value, site.Value)).OrderBy(peer => peer.Name, StringComparer.Ordinal)];

    /// <summary>The OAuth client by which a deployment speaks: <c>site-cn4</c>, <c>billing-center</c>.</summary>
    public static string ClientIdOf(string deploymentName) =>
        deploymentName == Deployment.BillingCenterName ? deploymentName : $"site-{deploymentName}";
}
