using HuaweiCloud.Marketplace;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.CloudAccounts.Tables;

/// <summary>
/// Nonces in a table that all nodes share, so that a call cannot be played again at another node. The table is unlogged: a crash of the
/// server forgets it, and what could then be replayed within the minute is idempotent anyway. Calls that come while a write is under way
/// share the next one: the busier the database, the less it is asked.
/// </summary>
internal sealed class SharedNonceStore(NpgsqlDataSource dataSource) : INonceStore
{
    private readonly Lock gate = new();
    private List<Asked> waiting = [];
    private bool isWriting;

    public ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var asked = new Asked(nonce, until);
        bool isFirst;
        lock (gate)
        {
            waiting.Add(asked);
            isFirst = !isWriting;
            isWriting = true;
        }

        if (isFirst)
        {
            _ = WriteAllAsync();
        }

        return new(asked.IsNew.Task.WaitAsync(cancellationToken));
    }

    /// <summary>Writes until nobody waits; answers each.</summary>
    private async Task WriteAllAsync()
    {
        while (Next() is { } batch)
        {
            try
            {
                var written = await WriteAsync(batch);
                foreach (var asked in batch)
                {
                    // Of those with one nonce, the first that asked.
                    asked.IsNew.TrySetResult(written.Remove(asked.Nonce));
                }
            }
            catch (Exception failure)
            {
                foreach (var asked in batch)
                {
                    asked.IsNew.TrySetException(failure);
                }
            }
        }
    }

    private List<Asked>? Next()
    {
        lock (gate)
        {
            isWriting = waiting.Count > 0;
            if (!isWriting)
            {
                return null;
            }

            var batch = waiting;
            waiting = [];
            return batch;
        }
    }

    private async Task<HashSet<string>> WriteAsync(List<Asked> batch)
    {
        // All nodes write theirs in the same order, so that none waits for another that waits for it.
        var ordered = batch.OrderBy(asked => asked.Nonce, StringComparer.Ordinal).ToArray();
        await using var insert = dataSource.CreateCommand(
            "insert into cloud_accounts.nonce (nonce, remembered_until) select * from unnest($1, $2) on conflict do nothing returning nonce");
        insert.Parameters.Add(new() { Value = ordered.Select(asked => asked.Nonce).ToArray() });
        insert.Parameters.Add(new() { Value = ordered.Select(asked => asked.Until).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await using var rows = await insert.ExecuteReaderAsync(CancellationToken.None);
        var written = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(CancellationToken.None))
        {
            written.Add(rows.GetString(0));
        }

        return written;
    }

    private sealed record Asked(string Nonce, DateTimeOffset Until)
    {
        /// <summary>Answers run on their own, not within the loop that writes.</summary>
        public TaskCompletionSource<bool> IsNew { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
