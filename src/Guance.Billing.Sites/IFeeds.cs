namespace Guance.Billing.Sites;

/// <summary>What a peer has been told about a subject, and whether it has applied it.</summary>
/// <param name="SourceVersion">The version of the subject's stream that was told last.</param>
/// <param name="Position">Its position in the peer's feed.</param>
/// <param name="AcknowledgedAt">When the peer asked for what follows it: it has applied it; null while it has not.</param>
public sealed record LastTold(long SourceVersion, long Position, DateTimeOffset? AcknowledgedAt);

/// <summary>How a site stands, seen from the Billing Center.</summary>
/// <param name="Site">The site.</param>
/// <param name="Url">Its address.</param>
/// <param name="ToldPosition">The last position of the feed written for it.</param>
/// <param name="AcknowledgedPosition">The position up to which it has applied that feed.</param>
/// <param name="AcknowledgedAt">When it said so.</param>
/// <param name="Pending">How many messages it has not applied yet.</param>
/// <param name="OldestPendingAt">When the oldest of them was written; null when there is none.</param>
/// <param name="ReadPosition">The position up to which its own feed is applied here.</param>
/// <param name="ReadAt">When a page of it was applied last.</param>
/// <param name="LastContactAt">When it answered or asked last.</param>
/// <param name="LastError">Why the last attempt to read its feed failed; null when it did not.</param>
public sealed record SiteStatus(
    SiteCode Site,
    string Url,
    long ToldPosition,
    long AcknowledgedPosition,
    DateTimeOffset? AcknowledgedAt,
    long Pending,
    DateTimeOffset? OldestPendingAt,
    long ReadPosition,
    DateTimeOffset? ReadAt,
    DateTimeOffset? LastContactAt,
    string? LastError);

/// <summary>How far peers are with the feeds written for them.</summary>
public interface IFeeds
{
    /// <summary>
    /// The last thing told about each subject; subjects nothing was told about are left out. One query for all. For subjects that one
    /// site alone is told about, such as workspaces.
    /// </summary>
    /// <param name="subjects">Ids of workspaces, accounts or closings, at most 1,000.</param>
    /// <param name="ct">Cancels.</param>
    Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(IReadOnlyCollection<string> subjects, CancellationToken ct);

    /// <summary>As the other, for one site: for subjects that several sites are told about, such as accounts and closings.</summary>
    /// <param name="site">The site that was told.</param>
    /// <param name="subjects">Ids, at most 1,000.</param>
    /// <param name="ct">Cancels.</param>
    Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(SiteCode site, IReadOnlyCollection<string> subjects, CancellationToken ct);

    /// <summary>How each site stands, by code (at the Billing Center).</summary>
    Task<IReadOnlyList<SiteStatus>> SitesAsync(CancellationToken ct);
}
