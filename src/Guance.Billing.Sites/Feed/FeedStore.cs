using System.Text.Json;
using Npgsql;

namespace Guance.Billing.Sites.Feed;

/// <summary>Reads the feeds that are written here and keeps what peers acknowledge.</summary>
internal sealed class FeedStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>How long a page should be at most; the messages that are read first may be longer together.</summary>
    private const int LengthMax = 4 << 20;
    private const int CountFirst = 8;

    /// <summary>
    /// The peer has applied its feed up to the position: kept if it is further than before. Gives the feed's last position; a position
    /// beyond it is not kept.
    /// </summary>
    public async Task<long> AcknowledgeAsync(string peer, long position, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(
            """
            with feed as (
                select coalesce((select last_position from link.feed where peer = $1), 0) as last_position
            ), kept as (
                insert into link.feed_acknowledgement (peer, position, at)
                select $1, $2, $3 from feed
                where $2 between 1 and last_position and not exists (select from link.feed_acknowledgement where peer = $1 and position >= $2)
                on conflict do nothing
            )
            select last_position from feed
            """);
        command.Parameters.Add(new() { Value = peer });
        command.Parameters.Add(new() { Value = position });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The feed's last position.</summary>
    public async Task<long> LastPositionAsync(string peer, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand("select last_position from link.feed where peer = $1");
        command.Parameters.Add(new() { Value = peer });
        return await command.ExecuteScalarAsync(ct) as long? ?? 0;
    }

    /// <summary>What follows a position, oldest first: at most the limit, and no more once it is 4 MiB of text.</summary>
    public async Task<IReadOnlyList<FeedMessage>> ReadAsync(string peer, long after, int limit, CancellationToken ct)
    {
        var messages = new List<FeedMessage>();
        var length = 0L;
        for (var count = Math.Min(limit, CountFirst); count > 0;)
        {
            var before = messages.Count;
            length += await ReadAsync(peer, before == 0 ? after : messages[^1].Position, count, messages, ct);
            // As many more as should fit, going by those that came.
            count = messages.Count - before < count ? 0 : (int)Math.Min(limit - messages.Count, (LengthMax - length) / (length / messages.Count));
        }

        return messages;
    }

    private async Task<long> ReadAsync(string peer, long after, int limit, List<FeedMessage> messages, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(
            """
            select position, name, event_id, source_version, subject, occurred_at, payload::text, traceparent
            from link.feed_message where peer = $1 and position > $2 order by position limit $3
            """);
        command.Parameters.Add(new() { Value = peer });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var length = 0L;
        while (await rows.ReadAsync(ct))
        {
            var payload = rows.GetString(6);
            length += payload.Length;
            messages.Add(new(
                rows.GetInt64(0), rows.GetString(1), rows.GetGuid(2), rows.GetInt64(3), rows.GetString(4), rows.GetFieldValue<DateTimeOffset>(5),
                JsonSerializer.Deserialize<JsonElement>(payload), await rows.IsDBNullAsync(7, ct) ? null : rows.GetString(7)));
        }

        return length;
    }
}
