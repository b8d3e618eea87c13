using System.Globalization;
using Guance.Billing.Platform;
using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Workspaces.Publishing;

/// <summary>What the Billing Center is told of usage. It is not in the log but in tables, and what is told is how these stand; see the feed's outlet.</summary>
internal sealed class UsagePublisher(Deployment deployment)
{
    public UsageTotalsToldIntegrationEvent Totals(long version, DateTimeOffset at, IReadOnlyList<UsageTotal> totals) =>
        new(EventId(version), version, at, deployment.Site, totals);

    public UsageToldThroughIntegrationEvent Through(long version, DateTimeOffset through) => new(EventId(version), version, through, deployment.Site, through);

    public UsageQuarantinedIntegrationEvent Quarantined(long version, DateTimeOffset at, IReadOnlyList<QuarantinedUsage> kinds) =>
        new(EventId(version), version, at, deployment.Site, kinds);

    /// <summary>A telling is known by its site and its number.</summary>
    private Guid EventId(long version) => Ids.DeterministicGuid("workspaces.usage", deployment.Name, version.ToString(CultureInfo.InvariantCulture));
}
