using HuaweiCloud.Marketplace;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Tables;

/// <summary>
/// Nonces in a table that all nodes share, so that a call cannot be played again at another node. The table is unlogged: a crash of the
/// server forgets it, and what could then be replayed within the minute is idempotent anyway.
/// </summary>
internal sealed class SharedNonceStore(NpgsqlDataSource dataSource) : INonceStore
{
    public async ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var insert = dataSource.CreateCommand("insert into cloud_accounts.nonce (nonce, remembered_until) values ($1, $2) on conflict do nothing");
        insert.Parameters.Add(new() { Value = nonce });
        insert.Parameters.Add(new() { Value = until });
        return await insert.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
