using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Tables;

/// <summary>What several use cases ask of the charges.</summary>
internal static class UsageCharges
{
    /// <summary>Locks the charges that records belong to, in one order whoever does, so that no two wait for each other.</summary>
    public static async Task LockAsync(UnitOfWork work, string[] meteringSns, CancellationToken ct)
    {
        await using var command = work.Command(
            """
            select from cloud_accounts.usage_charge
            where (provider, instance_id) in (select provider, instance_id from cloud_accounts.usage_push where metering_sn = any($1))
            order by provider, instance_id for update
            """,
            [meteringSns]);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What the market has taken of each instance; none for one that was never charged.</summary>
    public static async Task<IReadOnlyDictionary<string, decimal>> AcceptedAsync(
        this NpgsqlDataSource dataSource, CloudProvider provider, string[] instanceIds, CancellationToken ct)
    {
        await using var read = dataSource.Command(
            "select instance_id, accepted from cloud_accounts.usage_charge where provider = $1 and instance_id = any($2)", [provider.Value, instanceIds]);
        return (await read.ReadAsync(row => (row.GetString(0), row.GetDecimal(1)), ct)).ToDictionary(row => row.Item1, row => row.Item2, StringComparer.Ordinal);
    }
}
