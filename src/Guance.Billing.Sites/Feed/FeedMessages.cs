using System.Text.Json;

namespace Guance.Billing.Sites.Feed;

/// <summary>Something that a peer must be told, without a position yet.</summary>
internal sealed record NewMessage(string Peer, string Subject, IIntegrationEvent Told, string? Traceparent);

/// <summary>
/// The one way into a feed, for all who write: the row of the feed is counted on, and so locked until the writer's transaction has ended. Positions are in the
/// order of commits, and there is none that is not committed.
/// </summary>
internal static class FeedMessages
{
    /// <summary>Counts the feeds on and writes their messages: one statement, whatever the number of peers and messages.</summary>
    public const string WriteSql = Messages + Write;

    /// <summary>
    /// <see cref="WriteSql"/>, where a reader of the log has got to the end of what it writes: takes the reader's name and that end before the instant. Writes nothing otherwise.
    /// </summary>
    public const string WriteWhereReadSql = Messages + "where exists (select from events.mt_event_progression where name = ? and last_seq_id = ?)\n" + Write;

    private const string Messages =
        """
        with message as (
            select m.*, row_number() over (partition by m.peer order by m.ordinal) as number, count(*) over (partition by m.peer) as total
            from unnest(?::text[], ?::uuid[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::timestamptz[], ?::text[]) with ordinality
                as m(peer, event_id, name, subject, source_version, payload, occurred_at, traceparent, ordinal)

        """;

    private const string Write =
        """
        ), feed as (
            insert into link.feed as f (peer, last_position)
            select peer, count(*) from message group by peer order by peer
            on conflict (peer) do update set last_position = f.last_position + excluded.last_position
            returning f.peer, f.last_position
        )
        insert into link.feed_message
            (peer, position, event_id, name, subject, source_version, payload, occurred_at, written_at, traceparent)
        select m.peer, f.last_position - m.total + m.number, m.event_id, m.name, m.subject, m.source_version, m.payload::jsonb, m.occurred_at,
            ?::timestamptz, m.traceparent
        from message m join feed f on f.peer = m.peer
        """;

    /// <summary>The statement's parameters but the instant at which it is written, in its order.</summary>
    public static object[] Columns(IReadOnlyCollection<NewMessage> messages) =>
    [
        messages.Select(message => message.Peer).ToArray(),
        messages.Select(message => message.Told.EventId).ToArray(),
        messages.Select(message => Wire.NameOf(message.Told.GetType())).ToArray(),
        messages.Select(message => message.Subject).ToArray(),
        messages.Select(message => message.Told.SourceVersion).ToArray(),
        messages.Select(message => JsonSerializer.Serialize(message.Told, message.Told.GetType(), Wire.Json)).ToArray(),
        messages.Select(message => message.Told.OccurredAt.ToUniversalTime()).ToArray(),
        messages.Select(message => message.Traceparent!).ToArray(),
    ];
}
