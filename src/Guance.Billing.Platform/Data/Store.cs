using Guance.Billing.Platform.Events;
using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Weasel.Core;

namespace Guance.Billing.Platform.Data;

internal static class Store
{
    internal static void AddStore(this IServiceCollection services, IConfiguration configuration, Deployment deployment, IReadOnlyList<IModule> modules)
    {
        services.AddSingleton(_ => NpgsqlDataSource.Create(Connection("Billing:MaxConnections", 16)));
        services.AddSingleton(_ => new HeldConnections(NpgsqlDataSource.Create(Connection("Billing:MaxHeldConnections", 32))));

        // Many connections take turns, each with a server process of its own that has to be warm: with 16 calls of the market were answered in half the time that they took with 40, at their worst.
        string Connection(string max, int otherwise)
        {
            var connection = new NpgsqlConnectionStringBuilder(
                configuration.GetConnectionString("Billing") ?? throw new InvalidOperationException("ConnectionStrings__Billing is missing."))
            {
                ApplicationName = $"guance-billing {deployment.Name}",
            };
            // A server process whose client died must notice, or it would hold the leader's lock for ever.
            // A plan made while a table was small would go on reading all of it: a prepared statement is parsed once and planned each time.
            connection.Options = string.Join(' ', new[] { connection.Options, "-c client_connection_check_interval=2000 -c plan_cache_mode=force_custom_plan" }.Where(o => !string.IsNullOrEmpty(o)));
            // The same few statements run all day.
            connection.MaxAutoPrepare = 100;
            // Nothing stays behind on a connection that would have to be swept off it: settings are local to a transaction, temporary
            // tables are not used, and advisory locks are released by name (or die with the connection).
            connection.NoResetOnClose = true;
            connection.MaxPoolSize = configuration.GetValue(max, otherwise);
            if (connection.Host?.Contains(',', StringComparison.Ordinal) is true)
            {
                // A primary and its standbys: whichever writes just now, found again within seconds of a promotion.
                connection.TargetSessionAttributes ??= "primary";
                connection.HostRecheckSeconds = 1;
            }

            return connection.ConnectionString;
        }

        services.AddSingleton<Traffic>();
        services.AddMarten(options =>
            {
                options.DatabaseSchemaName = "documents";
                options.Events.DatabaseSchemaName = "events";
                options.Events.StreamIdentity = StreamIdentity.AsString;
                options.Events.UseMandatoryStreamTypeDeclaration = true;
                // Without it snapshots are read outside the transaction: a second command of it would apply its facts to what was there before the first.
                options.Events.UseIdentityMapForAggregates = true;
                options.Events.UseAdvisoryLockTransaction = true;
                options.Events.MetadataConfig.CorrelationIdEnabled = true;
                options.Events.MetadataConfig.CausationIdEnabled = true;
                // A fact that cannot be applied holds back its reader and raises an alarm; it is never skipped.
                options.Projections.Errors.SkipApplyErrors = false;
                options.Projections.Errors.SkipSerializationErrors = false;
                options.Projections.Errors.SkipUnknownEvents = false;
                options.Projections.RebuildErrors.SkipApplyErrors = false;
                options.Projections.RebuildErrors.SkipSerializationErrors = false;
                options.Projections.RebuildErrors.SkipUnknownEvents = false;
                // Appends that were rolled back leave gaps in the log. Readers step over one once nothing runs any more that could fill it
                // (Marten asks PostgreSQL for that); the wait before asking is time that inboxes stand still after each conflict.
                options.Projections.StaleSequenceThreshold = TimeSpan.FromMilliseconds(250);
                options.Projections.FastPollingTime = TimeSpan.FromMilliseconds(50);
                options.Projections.SlowPollingTime = TimeSpan.FromMilliseconds(200);
                options.UseSystemTextJsonForSerialization(EnumStorage.AsString, Casing.CamelCase);
                options.AutoCreateSchemaObjects = deployment.IsDevelopment ? AutoCreate.CreateOrUpdate : AutoCreate.None;
                options.DisableNpgsqlLogging = true;
                foreach (var module in modules)
                {
                    module.ConfigureMarten(options);
                }
            })
            .UseNpgsqlDataSource()
            .AddAsyncDaemon(DaemonMode.HotCold);

        foreach (var module in modules)
        {
            var policies = new PolicyTable(module.GetType().Assembly);
            services.AddKeyedSingleton(module.Name, policies);
            if (!policies.IsEmpty)
            {
                services.AddSingleton<IConfigureMarten>(new ConfigureInbox(module.Name, policies));
            }
        }
    }

    private sealed class ConfigureInbox(string module, PolicyTable policies) : IConfigureMarten
    {
        public void Configure(IServiceProvider services, StoreOptions options)
        {
            // What peers tell comes by their feeds: a module that reacts to nothing else has no inbox.
            options.AddReader(
                services, $"{module}.inbox".ToLowerInvariant(), policies.ReactsTo,
                tell => new Inbox(module, policies, tell, services.GetRequiredService<IServiceScopeFactory>()));
        }
    }
}
