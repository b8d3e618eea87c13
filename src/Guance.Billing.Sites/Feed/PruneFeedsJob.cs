using Guance.Billing.Platform.Jobs;
using Npgsql;

namespace Guance.Billing.Sites.Feed;

/// <summary>
/// Forgets acknowledged messages after 90 days, in batches. The last message of each subject stays, and the acknowledgement that covers
/// it: they say when a site applied what it was told last.
/// </summary>
internal sealed class PruneFeedsJob(NpgsqlDataSource dataSource, TimeProvider clock) : ITickJob
{
    public const string Id = "link:prune";

    private const int BatchSize = 10_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    public async Task RunAsync(CancellationToken ct)
    {
        while (await DeleteAsync(
            """
            delete from link.feed_message where (peer, position) in (
                select m.peer, m.position from link.feed_message m
                where m.written_at < $1
                  and m.position <= (select max(a.position) from link.feed_acknowledgement a where a.peer = m.peer)
                  and exists (select from link.feed_message later where later.subject = m.subject and later.peer = m.peer and later.position > m.position)
                limit $2)
            """,
            ct) == BatchSize)
        {
        }

        while (await DeleteAsync(
            """
            delete from link.feed_acknowledgement where (peer, position) in (
                select a.peer, a.position from link.feed_acknowledgement a
                where a.at < $1
                  and exists (select from link.feed_acknowledgement later where later.peer = a.peer and later.position > a.position)
                  and not exists (
                    select from link.feed_message m
                    where m.peer = a.peer and m.position <= a.position
                      and m.position > coalesce((select max(b.position) from link.feed_acknowledgement b where b.peer = a.peer and b.position < a.position), 0))
                limit $2)
            """,
            ct) == BatchSize)
        {
        }
    }

    private async Task<int> DeleteAsync(string sql, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() - KeptFor });
        command.Parameters.Add(new() { Value = BatchSize });
        return await command.ExecuteNonQueryAsync(ct);
    }
}
