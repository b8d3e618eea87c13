using System.Text.Json;
using Npgsql;

namespace Guance.Billing.Sites.Feed;

/// <summary>Reads the feeds that are written here and keeps what peers acknowledge.</summary>
internal sealed class FeedStore(NpgsqlDataSource dataSource, TimeProvider clock)
{
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

    /// <summary>What follows a position, oldest first.</summary>
    public async Task<IReadOnlyList<FeedMessage>> ReadAsync(string peer, long after, int limit, CancellationToken ct)
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
        var messages = new List<FeedMessage>();
        while (await rows.ReadAsync(ct))
        {
            messages.Add(new(
                rows.GetInt64(0), rows.GetString(1), rows.GetGuid(2), rows.GetInt64(3), rows.GetString(4), rows.GetFieldValue<DateTimeOffset>(5),
                JsonSerializer.Deserialize<JsonElement>(rows.GetString(6)), await rows.IsDBNullAsync(7, ct) ? null : rows.GetString(7)));
        }

        return messages;
    }
}
