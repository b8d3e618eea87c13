using Marten;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// Brings the database up to date before anything else starts: in development only. In production the migration bundles do it, and a
/// deployment that finds its tables missing does not start.
/// </summary>
internal sealed class PrepareDatabase(IServiceProvider services, IEnumerable<DatabaseToMigrate> databases, IDocumentStore store, Deployment deployment) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!deployment.IsDevelopment)
        {
            return;
        }

        foreach (var database in databases)
        {
            await using var context = database.Create(services, null);
            await context.Database.MigrateAsync(cancellationToken);
        }

        await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
