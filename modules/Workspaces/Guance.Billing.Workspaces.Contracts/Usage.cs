namespace Guance.Billing.Workspaces.Contracts;

/// <summary>
/// What a workspace has used of an item in a part of an hour, in all so far. An hour is one part that begins with it, but where the payer
/// changed within the hour: there a part begins at each instant of change (rules §4, "every second has exactly one payer").
/// </summary>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Item">The item's code.</param>
/// <param name="RetentionDays">The retention; 0 where the item has one price.</param>
/// <param name="Hour">The hour's beginning, UTC.</param>
/// <param name="PartFrom">The part's beginning, UTC: the hour's, or the instant of a change within it.</param>
/// <param name="Quantity">The sum of what was counted, or the highest sample, in the item's own unit, at most 6 decimals; 0 where a part's
/// usage was moved to another part.</param>
public sealed record UsageTotal(WorkspaceId WorkspaceId, string Item, int RetentionDays, DateTimeOffset Hour, DateTimeOffset PartFrom, decimal Quantity);

/// <summary>
/// Totals of a site that have changed (rules §7): each replaces what was told before for its workspace, item, retention, hour and part.
/// </summary>
/// <param name="EventId">Deterministic: of the site and <paramref name="SourceVersion"/>.</param>
/// <param name="SourceVersion">Counts the site's tellings, 1 for the first.</param>
/// <param name="OccurredAt">When the totals were read.</param>
/// <param name="Site">The site.</param>
/// <param name="Totals">At most 1,000, each cell once.</param>
public sealed record UsageTotalsToldIntegrationEvent(
    Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, SiteCode Site, IReadOnlyList<UsageTotal> Totals) : ITellsBillingCenter
{
    /// <inheritdoc/>
    public string Subject => "usage-totals";
}

/// <summary>
/// Everything that the site had accepted before an instant stands before this in its feed; told at least once a minute while nothing is held back. A
/// day is closed when every site has told usage through its end, or when waiting for the site is no longer reasonable.
/// </summary>
/// <param name="EventId">Deterministic: of the site and <paramref name="SourceVersion"/>.</param>
/// <param name="SourceVersion">Counts the site's tellings together with <see cref="UsageTotalsToldIntegrationEvent"/>.</param>
/// <param name="OccurredAt">When it was told.</param>
/// <param name="Site">The site.</param>
/// <param name="Through">The instant.</param>
public sealed record UsageToldThroughIntegrationEvent(
    Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, SiteCode Site, DateTimeOffset Through) : ITellsBillingCenter
{
    /// <inheritdoc/>
    public string Subject => "usage-told-through";
}

/// <summary>Usage of one kind that a site set aside, in all so far (rules §7: quarantined with its reason, never dropped).</summary>
/// <param name="WorkspaceId">As the event named it; may be no workspace at all.</param>
/// <param name="Item">As the event named it.</param>
/// <param name="Code">Why, such as <c>unknown-item</c>.</param>
/// <param name="Count">How many events wait.</param>
/// <param name="FirstAt">When the first of them came.</param>
/// <param name="LastAt">When the last of them came.</param>
public sealed record QuarantinedUsage(string WorkspaceId, string Item, string Code, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>What waits in a site's quarantine, by kind; each entry replaces what was told of its workspace, item and code, 0 where none waits any more.</summary>
/// <param name="EventId">Deterministic: of the site and <paramref name="SourceVersion"/>.</param>
/// <param name="SourceVersion">Counts the site's tellings.</param>
/// <param name="OccurredAt">When it was read.</param>
/// <param name="Site">The site.</param>
/// <param name="Kinds">At most 1,000.</param>
public sealed record UsageQuarantinedIntegrationEvent(
    Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, SiteCode Site, IReadOnlyList<QuarantinedUsage> Kinds) : ITellsBillingCenter
{
    /// <inheritdoc/>
    public string Subject => "usage-quarantine";
}

/// <summary>
/// What a workspace has used, by the hour or by the billing day, in the order of time, item and retention: counted items added up, gauges at
/// their highest.
/// </summary>
/// <remarks>Refusals: <c>workspace-not-found</c>, <c>limit-out-of-range</c>, <c>granularity-unknown</c>, <c>range-invalid</c>, <c>cursor-unknown</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="OwnerUserId">The console user who asks; null where a client does, which may ask about all.</param>
/// <param name="From">The beginning.</param>
/// <param name="To">The end, after it by at most 31 days by the hour and 400 days by the day.</param>
/// <param name="Granularity"><c>hour</c> or <c>day</c>: days begin in the billing time zone.</param>
/// <param name="Limit">1 to 2000.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record GetUsage(
    WorkspaceId WorkspaceId, string? OwnerUserId, DateTimeOffset From, DateTimeOffset To, string Granularity, int Limit, string? Cursor) : IQuery<Page<Used>>;

/// <summary>What was used of an item in an hour or a day.</summary>
/// <param name="From">The beginning of the hour or the day.</param>
/// <param name="Item">The item.</param>
/// <param name="RetentionDays">The retention; null where the item has one price.</param>
/// <param name="Quantity">The sum, or a gauge's highest sample.</param>
/// <param name="IsGauge">Whether it is a gauge.</param>
public sealed record Used(DateTimeOffset From, string Item, int? RetentionDays, decimal Quantity, bool IsGauge);
