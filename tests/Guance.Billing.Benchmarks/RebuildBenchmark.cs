using System.Diagnostics;
using System.Globalization;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Domain;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// Building Settlement's read model of workspaces anew from the log with the deployment's own daemon, the old one thrown away: five events a workspace, which lie
/// far apart as they do in life. Baseline: one SQL statement that reads the same events in order and inserts as many JSON documents into a table of its own.
/// </summary>
internal sealed class RebuildBenchmark : IBenchmark
{
    private const int EventsPerWorkspace = 5;
    private const int Turns = 3;

    private static readonly int[] Sizes = [1000, 5000, 20_000];

    public string Name => "read-model-rebuild";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a Billing Center");
        await using var center = await BenchMarket.StartAsync(new SettlementModule());
        var store = center.Services.GetRequiredService<IDocumentStore>();
        var daemon = center.Services.GetRequiredService<Marten.Events.Daemon.Coordination.IProjectionCoordinator>().DaemonForMainDatabase();
        var source = center.Services.GetRequiredService<NpgsqlDataSource>();
        await ExecuteAsync(source, "create table raw_document (id varchar primary key, data jsonb not null)", ct);

        var rows = new List<BenchmarkRow>();
        var workspaces = 0;
        foreach (var size in Sizes)
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} events, {Turns} times each way"));
            var more = (size / EventsPerWorkspace) - workspaces;
            await WriteAsync(store, $"inst-{size}", more, center.Clock.GetUtcNow(), ct);
            workspaces += more;
            await center.SettleAsync(ct);

            var (rebuild, direct) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var turn = rows.Count == 0 ? -1 : 0; turn < Turns; turn++)
            {
                var (r, d) = (await RebuildAsync(daemon, source, workspaces, ct), await InsertAsync(source, workspaces, ct));
                if (turn >= 0)
                {
                    (rebuild, direct) = (rebuild + r, direct + d);
                }
            }

            rows.Add(new(
                Name, size, Math.Round(Turns * size / rebuild.TotalSeconds), "events/s", Math.Round(Turns * size / direct.TotalSeconds), Math.Round(direct / rebuild, 3)));
        }

        return rows;
    }

    /// <summary>Workspaces, and what happened to each.</summary>
    private static async Task WriteAsync(IDocumentStore store, string instanceId, int count, DateTimeOffset now, CancellationToken ct)
    {
        var bound = BenchWorkspaces.Bound(instanceId, count, now);
        await store.BindAsync(bound, ct);
        Func<WorkspaceBound, object>[] events =
        [
            e => new WorkspaceLocked(e.Site, LockReason.Operator, now.AddMinutes(1), now.AddMinutes(1), "operator", null, null),
            e => new WorkspaceLockLifted(e.Site, LockReason.Operator, now.AddMinutes(2), "operator", null),
            e => new WorkspaceMethodChanged(e.Site, e.Method, SettlementMethod.BillingCenter, null, MethodChangeCause.User, "user", now.AddMinutes(3)),
            e => new WorkspaceLocked(e.Site, LockReason.Arrears, now.AddMinutes(4), now.AddMinutes(4), "system", null, null),
        ];
        foreach (var next in events)
        {
            await store.AppendAsync(bound.Select(e => (e.Workspace, (IReadOnlyList<object>)[next(e)])), ct);
        }
    }

    private static async Task<TimeSpan> RebuildAsync(IProjectionDaemon daemon, NpgsqlDataSource source, int workspaces, CancellationToken ct)
    {
        await ExecuteAsync(source, "delete from settlement.mt_doc_workspacesettlement", ct);
        var start = Stopwatch.GetTimestamp();
        await daemon.RebuildProjectionAsync<WorkspaceSettlement>(ct);
        var took = Stopwatch.GetElapsedTime(start);
        await using var count = source.CreateCommand($"select count(*) from settlement.mt_doc_workspacesettlement where mt_version = {EventsPerWorkspace}");
        return await count.ExecuteScalarAsync(ct) is long rebuilt && rebuilt == workspaces
            ? took
            : throw new InvalidOperationException("Not every workspace was rebuilt.");
    }

    private static async Task<TimeSpan> InsertAsync(NpgsqlDataSource source, int workspaces, CancellationToken ct)
    {
        await ExecuteAsync(source, "truncate raw_document", ct);
        var start = Stopwatch.GetTimestamp();
        var inserted = await ExecuteAsync(
            source, "insert into raw_document select stream_id, jsonb_agg(data order by seq_id) from events.mt_events where type like 'settlement.workspace\\_%' group by stream_id", ct);
        return inserted == workspaces ? Stopwatch.GetElapsedTime(start) : throw new InvalidOperationException("Not every stream was read.");
    }

    private static async Task<int> ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync(ct);
    }
}
