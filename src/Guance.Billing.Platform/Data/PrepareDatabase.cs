using Marten;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// Brings the database up to date before anything else starts: in development only. In production the migration bundles do it, and a
/// deployment that finds its tables missing does not start. In the host's earliest phase, so that the order of registration does not matter.
/// </summary>
internal sealed class PrepareDatabase(IServiceProvider services, IEnumerable<DatabaseToMigrate> databases, IDocumentStore store, NpgsqlDataSource dataSource, Deployment deployment,
    ILogger<PrepareDatabase> log) : IHostedLifecycleService
{
    /// <summary>Of all advisory locks, this one.</summary>
    private const long OneAtATime = 0x4775616E6365;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Nodes that start side by side would make the same tables; the lock goes with the connection, however the node ends.
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (deployment.IsDevelopment)
        {
            await LockAsync("select pg_advisory_lock($1)");
        }

        try
        {
            await PrepareAsync(cancellationToken);
        }
        finally
        {
            if (deployment.IsDevelopment)
            {
                await LockAsync("select pg_advisory_unlock($1)");
            }
        }

        async Task LockAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = OneAtATime } }, CommandTimeout = 300 };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (var database in databases)
        {
            var start = TimeProvider.System.GetTimestamp();
            await using var context = database.Create(services, null);
            if (deployment.IsDevelopment)
            {
                await context.Database.MigrateAsync(cancellationToken);
            }
            else if (await context.Database.GetPendingMigrationsAsync(cancellationToken) is var missing && missing.Any())
            {
                throw new InvalidOperationException($"The tables in the schema '{database.Schema}' are not up to date. Run the migration bundles first; missing: {string.Join(", ", missing)}.");
            }

            log.LogDebug("Tables of {Schema} seen to in {Milliseconds:0} ms", database.Schema, TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        var storeStart = TimeProvider.System.GetTimestamp();
        if (deployment.IsDevelopment)
        {
            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
        }
        else
        {
            await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync(cancellationToken);
        }

        log.LogDebug("Tables of Marten seen to in {Milliseconds:0} ms", TimeProvider.System.GetElapsedTime(storeStart).TotalMilliseconds);
    }
}
