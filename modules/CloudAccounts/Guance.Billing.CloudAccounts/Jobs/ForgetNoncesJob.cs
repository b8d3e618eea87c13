using Guance.Billing.Platform.Jobs;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Jobs;

/// <summary>Forgets the nonces whose calls would be too late anyway.</summary>
internal sealed class ForgetNoncesJob(NpgsqlDataSource dataSource, TimeProvider clock) : ITickJob
{
    public const string Id = "cloud-accounts:forget-nonces";

    public async Task RunAsync(CancellationToken ct)
    {
        await using var delete = dataSource.CreateCommand("delete from cloud_accounts.nonce where remembered_until < $1");
        delete.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await delete.ExecuteNonQueryAsync(ct);
    }
}
