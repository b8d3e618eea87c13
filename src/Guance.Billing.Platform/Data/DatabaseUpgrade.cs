using JasperFx;
using Marten;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Weasel.Postgresql;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// The way of a deployment's database from one release to the next: the tables of the modules (EF Core's migrations), then those of the event store (Marten's). Jobs' own tables
/// are seen to by Hangfire. What is done already is passed over, so it can be cut off anywhere and done again; nodes of the old release may go on meanwhile.
/// </summary>
public sealed class DatabaseUpgrade
{
    /// <summary>Of all advisory locks, this one.</summary>
    private const long OneAtATime = 0x4775616E6365;

    /// <summary>
    /// A tenth of PostgreSQL's own statistics for the event store's tables: they are read by key alone, and autovacuum, which samples a table whenever a tenth of it is new, fetched 30,000 documents of each for
    /// more, a core for seconds on end. The sample is as large as the most a column asks for, so each has this target, and each expression that an index is of.
    /// </summary>
    private const string StatisticsOfTheEventStore =
        """
        do $$
        declare
            kept record;
        begin
            for kept in
                select format('alter table %s alter column %I set statistics 10', a.attrelid::regclass, a.attname) as target
                from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relkind = 'r' and c.relname like 'mt\_%' and a.attnum > 0 and not a.attisdropped and a.attstattarget is distinct from 10
                union all
                select format('alter index %s alter column %s set statistics 10', a.attrelid::regclass, a.attnum)
                from pg_class c join pg_index i on i.indrelid = c.oid join pg_attribute a on a.attrelid = i.indexrelid
                where c.relkind = 'r' and c.relname like 'mt\_%' and a.attnum <= i.indnkeyatts and i.indkey[a.attnum - 1] = 0 and a.attstattarget is distinct from 10
            loop
                execute kept.target;
            end loop;
        end $$
        """;

    private readonly IServiceProvider services;
    private readonly DatabaseToMigrate[] databases;
    private readonly IDocumentStore store;

    internal DatabaseUpgrade(IServiceProvider services, IEnumerable<DatabaseToMigrate> databases, IDocumentStore store)
    {
        this.services = services;
        this.databases = [.. databases];
        this.store = store;
    }

    /// <summary>That of a deployment, which need not run, and is not started.</summary>
    public static DatabaseUpgrade Of(IHost deployment) => deployment.Services.GetRequiredService<DatabaseUpgrade>();

    /// <summary>Brings the database up to date; one caller at a time.</summary>
    /// <param name="say">Told in a sentence what was done.</param>
    /// <param name="ct">Stops between two steps.</param>
    public async Task ApplyAsync(Action<string> say, CancellationToken ct)
    {
        // Nodes that start side by side would make the same tables; the lock goes with the connection, however the node ends.
        await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(ct);
        await LockAsync(connection, "select pg_advisory_lock($1)");
        try
        {
            foreach (var database in databases)
            {
                await using var context = database.Create(services, null);
                var pending = (await context.Database.GetPendingMigrationsAsync(ct)).ToArray();
                await context.Database.MigrateAsync(ct);
                say($"Tables of {database.Schema}: {(pending.Length == 0 ? "up to date" : string.Join(", ", pending))}");
            }

            await store.Storage.ApplyAllConfiguredChangesToDatabaseAsync(AutoCreate.CreateOrUpdate);
            await using var statistics = connection.Command(StatisticsOfTheEventStore);
            await statistics.ExecuteNonQueryAsync(ct);
            say("Tables of the event store: up to date");
        }
        finally
        {
            await LockAsync(connection, "select pg_advisory_unlock($1)");
        }
    }

    /// <summary>Writes as SQL what <see cref="ApplyAsync"/> would do, and does nothing.</summary>
    public async Task PreviewAsync(TextWriter sql, CancellationToken ct)
    {
        foreach (var database in databases)
        {
            await using var context = database.Create(services, null);
            if ((await context.Database.GetPendingMigrationsAsync(ct)).Any())
            {
                var last = (await context.Database.GetAppliedMigrationsAsync(ct)).LastOrDefault();
                await sql.WriteLineAsync($"-- Tables of {database.Schema}");
                await sql.WriteLineAsync(context.GetService<IMigrator>().GenerateScript(last ?? Migration.InitialDatabase));
            }
        }

        await sql.WriteLineAsync("-- Tables of the event store");
        (await store.Storage.Database.CreateMigrationAsync(ct)).WriteAllUpdates(sql, new PostgresqlMigrator(), AutoCreate.CreateOrUpdate);
        await sql.WriteLineAsync($"{StatisticsOfTheEventStore};");
    }

    /// <summary>Refuses a database that is behind.</summary>
    /// <exception cref="InvalidOperationException">It is; the message says in what, and what to do.</exception>
    internal async Task AssertAsync(CancellationToken ct)
    {
        foreach (var database in databases)
        {
            await using var context = database.Create(services, null);
            if (await context.Database.GetPendingMigrationsAsync(ct) is var missing && missing.Any())
            {
                throw new InvalidOperationException(
                    $"The tables in the schema '{database.Schema}' are not up to date. Run 'Guance.Billing.Host migrate' of this release first; missing: {string.Join(", ", missing)}.");
            }
        }

        await store.Storage.Database.AssertDatabaseMatchesConfigurationAsync(ct);
    }

    private static async Task LockAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.Command(sql, OneAtATime);
        command.CommandTimeout = 300;
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}

/// <summary>
/// Sees to the database before anything else starts: in development it is brought up to date; in production a deployment whose tables are behind does not start, nor does any whose snapshots are being rebuilt. In the host's
/// earliest phase, so that the order of registration does not matter.
/// </summary>
internal sealed class PrepareDatabase(DatabaseUpgrade upgrade, SnapshotRebuild rebuild, Deployment deployment) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await rebuild.AssertNoneAsync(cancellationToken);
        await (deployment.IsDevelopment ? upgrade.ApplyAsync(_ => { }, cancellationToken) : upgrade.AssertAsync(cancellationToken));
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
