using System.Collections.Concurrent;
using Npgsql;

namespace Guance.Billing.Sites.Reading;

/// <summary>Notes for the operator how the contact with each peer stands.</summary>
internal sealed class Contacts(NpgsqlDataSource dataSource, TimeProvider clock)
{
    /// <summary>A contact is noted once in this time: nobody needs it finer.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, long> noted = new(StringComparer.Ordinal);

    /// <summary>The peer asked or answered just now.</summary>
    public async Task SeenAsync(string peer, CancellationToken ct)
    {
        if (noted.TryGetValue(peer, out var last) && clock.GetElapsedTime(last) < Every)
        {
            return;
        }

        noted[peer] = clock.GetTimestamp();
        await NoteAsync(
            "insert into link.peer (name, last_contact_at) values ($1, $2) on conflict (name) do update set last_contact_at = excluded.last_contact_at",
            ct, peer, clock.GetUtcNow());
    }

    /// <summary>Reading the peer's feed failed.</summary>
    public Task FailedAsync(string peer, string error, CancellationToken ct) => NoteAsync(
        """
        insert into link.peer (name, last_error, last_error_at) values ($1, $2, $3)
        on conflict (name) do update set last_error = excluded.last_error, last_error_at = excluded.last_error_at
        """,
        ct, peer, error, clock.GetUtcNow());

    /// <summary>Reading the peer's feed works (again).</summary>
    public Task WorksAsync(string peer, CancellationToken ct) =>
        NoteAsync("update link.peer set last_error = null where name = $1 and last_error is not null", ct, peer);

    private async Task NoteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var command = dataSource.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(ct);
    }
}
