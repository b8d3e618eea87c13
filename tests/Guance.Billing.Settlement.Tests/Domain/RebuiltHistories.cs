using CsCheck;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.TestKit;
using Marten;
using Marten.Events.Daemon.Coordination;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>The log alone tells everything: what is read anew from it is what commands went by while it was written.</summary>
public sealed class RebuiltHistories
{
    private const int Histories = 12;

    [Fact]
    public async Task What_is_rebuilt_from_any_history_equals_what_was_written_live()
    {
        await using var center = await TestDeployment.StartAsync([new SettlementModule(), new Market()], configureServices: services => services.AddSingleton<Sites.IFeeds>(new Feeds()));
        var store = center.Services.GetRequiredService<IDocumentStore>();
        var histories = new List<(int Act, int Purchase, int LateHours)[]>();
        AnyHistory.Acts.Array[Histories].Sample(histories.AddRange, iter: 1, threads: 1);
        foreach (var history in histories)
        {
            await LiveAsync(store, Ids.New<WorkspaceId>(center.Clock), history);
        }

        var live = await SnapshotsAsync(center);
        await center.CaughtUpAsync();
        await ExecuteAsync(center, "update settlement.mt_doc_workspacesettlement set data = '{}'");
        await center.Services.GetRequiredService<IProjectionCoordinator>().DaemonForMainDatabase().RebuildProjectionAsync<WorkspaceSettlement>(TestContext.Current.CancellationToken);

        live.Count.ShouldBe(Histories);
        (await SnapshotsAsync(center)).ShouldBe(live);
    }

    /// <summary>Each act is decided on what the act before has left in the database.</summary>
    private static async Task LiveAsync(IDocumentStore store, WorkspaceId workspace, (int Act, int Purchase, int LateHours)[] history)
    {
        await using (var first = store.LightweightSession())
        {
            first.Events.StartStream<WorkspaceSettlement>(workspace.Value, Bound(Purchase) with { Workspace = workspace });
            await first.SaveChangesAsync();
        }

        var now = Day0;
        foreach (var act in history)
        {
            now = now.AddHours(7);
            await using var session = store.LightweightSession();
            var state = (await session.LoadAsync<WorkspaceSettlement>(workspace.Value)).ShouldNotBeNull();
            session.AppendTo(state, AnyHistory.Do(state, act, now));
            await session.SaveChangesAsync();
        }
    }

    private static async Task<IReadOnlyList<string>> SnapshotsAsync(TestDeployment center)
    {
        await using var read = center.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select mt_version || ' ' || data from settlement.mt_doc_workspacesettlement order by id");
        await using var rows = await read.ExecuteReaderAsync();
        var snapshots = new List<string>();
        while (await rows.ReadAsync())
        {
            snapshots.Add(rows.GetString(0));
        }

        return snapshots;
    }

    private static async Task ExecuteAsync(TestDeployment center, string sql)
    {
        await using var command = center.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
