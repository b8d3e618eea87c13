using Guance.Billing.Platform.Jobs;
using Npgsql;

namespace Guance.Billing.Workspaces.Jobs;

/// <summary>Makes the partitions of the present month and the two to come. Until then what belongs to one is kept by the default partition.</summary>
internal sealed class MakeUsagePartitionsJob(NpgsqlDataSource dataSource, TimeProvider clock) : ITickJob
{
    public const string Id = "workspaces:make-usage-partitions";

    public async Task RunAsync(CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(
            "select workspaces.make_usage_partitions($1 + n * interval '1 month') from generate_series(0, 2) n");
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(ct);
    }
}
