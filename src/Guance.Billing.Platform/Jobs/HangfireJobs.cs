using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Guance.Billing.Platform.Jobs;

/// <summary>Hangfire as the timetable: it fires every tick on one of the nodes, and keeps on doing so when a node dies.</summary>
public static class HangfireJobs
{
    /// <summary>Adds a recurring job.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="id"><c>module:verb</c>.</param>
    /// <param name="cron">Six fields, the first one seconds.</param>
    public static IServiceCollection AddTick<TJob>(this IServiceCollection services, string id, string cron)
        where TJob : class, ITickJob =>
        services.AddSingleton(new Tick(id, cron, scope => ActivatorUtilities.GetServiceOrCreateInstance<TJob>(scope)));

    internal static void AddHangfireJobs(this IServiceCollection services)
    {
        services.AddSingleton<Ticks>();
        services.AddSingleton<ITicks>(provider => provider.GetRequiredService<Ticks>());
        services.AddHostedService(provider => provider.GetRequiredService<Ticks>());
        // Registered here and not by Hangfire's configuration, which is static: several deployments in one process would run each other's jobs.
        services.AddSingleton<JobStorage>(provider => new PostgreSqlStorage(
            new FromDataSource(provider.GetRequiredService<NpgsqlDataSource>()),
            new PostgreSqlStorageOptions
            {
                SchemaName = "hangfire",
                UseSlidingInvisibilityTimeout = true,
                QueuePollInterval = TimeSpan.FromSeconds(1),
                PrepareSchemaIfNecessary = true,
                // A node that dies leaves its locks behind as rows. Hangfire holds one for milliseconds; waiting longer for a dead one (10 minutes
                // by default) would keep the next node from starting and its ticks from firing. That a tick runs once is not up to these locks.
                DistributedLockTimeout = TimeSpan.FromSeconds(5),
            }));
        services.AddSingleton<JobActivator>(provider => new AspNetCoreJobActivator(provider.GetRequiredService<IServiceScopeFactory>()));
        services.AddHangfire(hangfire => hangfire
            .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer()
            .UseRecommendedSerializerSettings());
        services.AddHostedService<TimetableOfTicks>();
        services.AddHangfireServer((provider, server) =>
        {
            server.Activator = provider.GetRequiredService<JobActivator>();
            server.SchedulePollingInterval = TimeSpan.FromSeconds(1);
            // A continuous tick keeps a worker for itself; the others share a few.
            server.WorkerCount = provider.GetServices<Tick>().Count(tick => tick.IsContinuous) + 2;
            server.StopTimeout = TimeSpan.FromSeconds(5);
        });
    }

    private sealed class FromDataSource(NpgsqlDataSource dataSource) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => dataSource.CreateConnection();
    }

    private sealed class TimetableOfTicks(IRecurringJobManager timetable, IEnumerable<Tick> ticks, JobStorage storage) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            var wanted = ticks.ToDictionary(tick => tick.Id, StringComparer.Ordinal);
            using var connection = storage.GetConnection();
            foreach (var id in connection.GetAllItemsFromSet("recurring-jobs").Where(id => !wanted.ContainsKey(id)))
            {
                timetable.RemoveIfExists(id);
            }

            foreach (var tick in wanted.Values)
            {
                timetable.AddOrUpdate<TickRun>(tick.Id, run => run.RunAsync(tick.Id, CancellationToken.None), tick.Cron);
            }

            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What Hangfire calls: one entry point for all ticks. A failed run is not repeated by itself, the next one is near.</summary>
/// <param name="services">The deployment's services.</param>
public sealed class TickRun(IServiceProvider services)
{
    /// <summary>Runs a tick, unless it runs already on some node.</summary>
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Fail)]
    public Task RunAsync(string id, CancellationToken ct) => services.GetRequiredService<Ticks>().RunIfFreeAsync(id, ct);
}
