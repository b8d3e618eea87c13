using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Events;
using JasperFx.Events.Daemon;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Guance.Billing.Platform.Http;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: its database answers and its inboxes and projections run on some
/// node. That the tables are up to date is seen to before anything listens; peers do not count, since a deployment works without them.
/// </summary>
internal static class Health
{
    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<DatabaseAnswers>("database")
        .AddCheck<InboxesRun>("inboxes");

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", new() { Predicate = _ => false, ResponseWriter = WriteAsync }).ForAnyone();
        endpoints.MapHealthChecks("/health/ready", new() { ResponseWriter = WriteAsync }).ForAnyone();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => $"{entry.Value.Status}{(entry.Value.Description is { } why ? $": {why}" : "")}");
        return report.Status is HealthStatus.Unhealthy
            ? new Problem(StatusCodes.Status503ServiceUnavailable, "unavailable", "This deployment is not ready. Ask again in a moment; checks says what is missing.",
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["checks"] = checks }).WriteAsync(context)
            : context.Response.WriteAsJsonAsync(new { status = report.Status.ToString(), checks });
    }

    private sealed class DatabaseAnswers(NpgsqlDataSource dataSource) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var ask = dataSource.CreateCommand("select 1");
                await ask.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (NpgsqlException failure)
            {
                return HealthCheckResult.Unhealthy("PostgreSQL does not answer", failure);
            }
        }
    }

    /// <summary>
    /// A node that runs an inbox or projection holds its lock, so the database knows what runs, whichever node is asked. One that cannot
    /// go on because of a failure is told as degraded: requests are served all the same.
    /// </summary>
    private sealed class InboxesRun(IProjectionCoordinator coordinator, NpgsqlDataSource dataSource) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                var sets = await ((ProjectionCoordinatorBase)coordinator).Distributor!.BuildDistributionAsync();
                var running = await LocksHeldAsync([.. sets.Select(set => set.LockId)], cancellationToken);
                var idle = sets.Where(set => !running.Contains(set.LockId)).SelectMany(set => set.Names).ToArray();
                var stuck = coordinator.HeldBack();
                return idle.Length > 0 ? HealthCheckResult.Unhealthy($"no node runs {string.Join(", ", idle.Select(name => name.Identity))}")
                    : stuck.Count > 0 ? HealthCheckResult.Degraded($"held back by a failure: {string.Join(", ", stuck.Select(name => name.Identity))}")
                    : HealthCheckResult.Healthy();
            }
            catch (NpgsqlException failure)
            {
                return HealthCheckResult.Unhealthy("PostgreSQL does not answer", failure);
            }
        }

        private async Task<HashSet<int>> LocksHeldAsync(int[] locks, CancellationToken ct)
        {
            await using var ask = dataSource.CreateCommand(
                """
                select distinct objid::int8 from pg_locks
                where locktype = 'advisory' and granted and objsubid = 1
                and database = (select oid from pg_database where datname = current_database()) and objid::int8 = any($1)
                """);
            ask.Parameters.Add(new() { Value = locks.Select(key => (long)(uint)key).ToArray() });
            await using var rows = await ask.ExecuteReaderAsync(ct);
            var held = new HashSet<int>();
            while (await rows.ReadAsync(ct))
            {
                held.Add((int)(uint)rows.GetInt64(0));
            }

            return held;
        }
    }
}
