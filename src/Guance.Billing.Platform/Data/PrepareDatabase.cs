using Marten;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// Brings the database up to date before anything else starts: in development only. In production the migration bundles do it, and a
/// deployment that finds its tables missing does not start. In the host's earliest phase, so that the order of registration does not matter.
/// </summary>
internal sealed class PrepareDatabase(IServiceProvider services, IEnumerable<DatabaseToMigrate> databases, IDocumentStore store, Deployment deployment,
    ILogger<PrepareDatabase> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
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

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
