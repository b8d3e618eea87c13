using System.Text.Json;

namespace Guance.Billing.Sites.Feed;

/// <summary>A part of a feed, oldest first.</summary>
/// <param name="Messages">What follows the position that was asked for.</param>
/// <param name="LastPosition">The last position of the feed.</param>
internal sealed record FeedPage(IReadOnlyList<FeedMessage> Messages, long LastPosition);

/// <summary>What a deployment tells a peer.</summary>
/// <param name="Position">1 for the first, then without a gap.</param>
/// <param name="Name">The integration event's name.</param>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the stream that it comes from.</param>
/// <param name="Subject">The workspace or account that it is about.</param>
/// <param name="OccurredAt">When it happened.</param>
/// <param name="Payload">The integration event.</param>
/// <param name="Traceparent">The trace that it belongs to (W3C), if there was one.</param>
internal sealed record FeedMessage(
    long Position, string Name, Guid EventId, long SourceVersion, string Subject, DateTimeOffset OccurredAt, JsonElement Payload, string? Traceparent);
