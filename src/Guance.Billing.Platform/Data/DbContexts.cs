using Guance.Billing.Platform.Writing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Platform.Data;

/// <summary>How modules that own relational tables get their EF Core context.</summary>
public static class DbContexts
{
    /// <summary>
    /// Adds a module's context. Within a command it writes in the command's transaction (and is saved with it); outside it only reads.
    /// Its migrations are applied at start in development, and by <see cref="DatabaseUpgrade"/> in production.
    /// </summary>
    /// <typeparam name="TContext">The context; its constructor takes <c>DbContextOptions&lt;TContext&gt;</c>.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="schema">The module's schema, which also holds the history of its migrations.</param>
    public static IServiceCollection AddModuleDbContext<TContext>(this IServiceCollection services, string schema)
        where TContext : DbContext
    {
        services.AddSingleton(new DatabaseToMigrate(schema, (provider, connection) => Create<TContext>(provider, schema, connection)));
        return services.AddTransient(provider =>
        {
            var work = provider.GetRequiredService<UnitOfWork>();
            return work.IsOpen
                ? work.Context(connection => Create<TContext>(provider, schema, connection))
                : Create<TContext>(provider, schema, connection: null);
        });
    }

    internal static DbContextOptionsBuilder<TContext> Configure<TContext>(DbContextOptionsBuilder<TContext> options, string schema)
        where TContext : DbContext
    {
        options.UseSnakeCaseNamingConvention();
        options.UseNpgsql(npgsql => npgsql.MigrationsHistoryTable("__ef_migrations", schema));
        return options;
    }

    private static TContext Create<TContext>(IServiceProvider provider, string schema, NpgsqlConnection? connection)
        where TContext : DbContext
    {
        var options = Configure(new DbContextOptionsBuilder<TContext>(), schema);
        _ = connection is null
            ? options.UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>(), npgsql => npgsql.MigrationsHistoryTable("__ef_migrations", schema))
            : options.UseNpgsql(connection, npgsql => npgsql.MigrationsHistoryTable("__ef_migrations", schema));
        return ActivatorUtilities.CreateInstance<TContext>(provider, options.Options);
    }
}

/// <summary>A context whose migrations this deployment needs.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Create">Makes the context, on a connection or on its own.</param>
internal sealed record DatabaseToMigrate(string Schema, Func<IServiceProvider, NpgsqlConnection?, DbContext> Create);
