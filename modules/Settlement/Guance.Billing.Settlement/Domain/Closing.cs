using System.Text.Json.Serialization;
using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>How many workspaces of a site a closing concerns, as known when it began.</summary>
internal sealed record ConcernedSite(SiteCode Site, int Workspaces);

/// <summary>A subscription was closed, and what it settles is found (rules §5).</summary>
internal sealed record ClosingStarted(
    CloudInstanceKey Instance,
    string? CloudAccountId,
    DateTimeOffset ClosedAt,
    CancellationEffect Effect,
    IReadOnlyList<ConcernedSite> Sites,
    IReadOnlyList<BillingAccountId> Owners,
    DateTimeOffset At);

/// <summary>All that the closing means for the site's workspaces stands before this in the log, and so in the site's feed.</summary>
internal sealed record ClosingAnnouncedToSite(CloudInstanceKey Instance, SiteCode Site, int Workspaces, DateTimeOffset At);

/// <summary>The site has applied it all.</summary>
internal sealed record ClosingAcknowledgedBySite(SiteCode Site, DateTimeOffset At);

internal sealed record ClosingCompleted(DateTimeOffset At);

[JsonConverter(typeof(JsonStringEnumConverter<ClosingState>))]
internal enum ClosingState
{
    /// <summary>Workspaces are losing the link.</summary>
    [JsonStringEnumMemberName("started")]
    Started,

    /// <summary>Every workspace has lost it; not every site has acknowledged.</summary>
    [JsonStringEnumMemberName("announced")]
    Announced,

    [JsonStringEnumMemberName("completed")]
    Completed,
}

/// <summary>The progress of one cancellation.</summary>
internal sealed record Closing
{
    public required string Id { get; init; }

    public int Version { get; set; }

    public required CloudInstanceKey Instance { get; init; }

    public string? CloudAccountId { get; init; }

    public required DateTimeOffset ClosedAt { get; init; }

    public required CancellationEffect Effect { get; init; }

    public required IReadOnlyList<ClosingAtSite> Sites { get; init; }

    /// <summary>The billing accounts whose workspaces it concerns.</summary>
    public required IReadOnlyList<BillingAccountId> Owners { get; init; }

    public ClosingState State { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>Whether workspaces may still have to lose the link: what the job looks for.</summary>
    public bool IsUnderWay => State is ClosingState.Started;

    /// <summary>The stream's key.</summary>
    public static string Key(CloudInstanceKey instance) => $"closing_{instance.Provider}_{instance.InstanceId}";

    public static Closing Create(ClosingStarted e) => new()
    {
        Id = Key(e.Instance),
        Instance = e.Instance,
        CloudAccountId = e.CloudAccountId,
        ClosedAt = e.ClosedAt,
        Effect = e.Effect,
        Sites = [.. e.Sites.Select(site => new ClosingAtSite(site.Site, site.Workspaces, null, null))],
        Owners = e.Owners,
    };

    public Closing Apply(ClosingAnnouncedToSite e) => this with
    {
        State = ClosingState.Announced,
        Sites = [.. Sites.Select(site => site.Site == e.Site ? site with { SentAt = e.At } : site)],
    };

    public Closing Apply(ClosingAcknowledgedBySite e) =>
        this with { Sites = [.. Sites.Select(site => site.Site == e.Site ? site with { AcknowledgedAt = e.At } : site)] };

    public Closing Apply(ClosingCompleted e) => this with { State = ClosingState.Completed, CompletedAt = e.At };
}

internal static class ClosingDecider
{
    /// <summary>No workspace is left: every site is told so, or, where none was concerned, the closing is done.</summary>
    public static IReadOnlyList<object> Announce(Closing state, DateTimeOffset now) =>
        state.State is not ClosingState.Started ? []
        : state.Sites.Count == 0 ? [new ClosingCompleted(now)]
        : [.. state.Sites.Select(site => new ClosingAnnouncedToSite(state.Instance, site.Site, site.Workspaces, now))];

    /// <summary>A site has applied it. Twice, or a site that was told nothing: nothing to do.</summary>
    public static IReadOnlyList<object> Acknowledge(Closing state, SiteCode site, DateTimeOffset at)
    {
        if (!state.Sites.Any(concerned => concerned.Site == site && concerned.SentAt is not null && concerned.AcknowledgedAt is null))
        {
            return [];
        }

        var acknowledged = new ClosingAcknowledgedBySite(site, at);
        return state.Sites.All(concerned => concerned.Site == site || concerned.AcknowledgedAt is not null)
            ? [acknowledged, new ClosingCompleted(at)]
            : [acknowledged];
    }

    /// <summary>The state after further events.</summary>
    public static Closing After(Closing state, IEnumerable<object> events) => events.Aggregate(state, (before, e) => e switch
    {
        ClosingAnnouncedToSite announced => before.Apply(announced),
        ClosingAcknowledgedBySite acknowledged => before.Apply(acknowledged),
        ClosingCompleted completed => before.Apply(completed),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a closing."),
    });
}
