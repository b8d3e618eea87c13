using System.Diagnostics;
using System.Globalization;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// A cancellation at the market: from the closed subscription's event being delivered to Settlement until every workspace that it settles has lost the
/// link and is locked, and the sites are told so. Baseline: raw Marten appends the same events to as many such workspaces, 500 a commit as the closing
/// does, snapshots included. The two take turns, and each begins when the inboxes have seen what the other wrote.
/// </summary>
internal sealed class ClosingBenchmark : IBenchmark
{
    private static readonly (int Workspaces, int Turns)[] Sizes = [(500, 4), (2000, 2), (8000, 2)];

    public string Name => "cancellation-fan-out";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a Billing Center");
        var settlement = new SettlementModule();
        await using var center = await BenchMarket.StartAsync(settlement);
        var run = new Run(center, settlement);
        await run.TurnAsync(Sizes[0].Workspaces, ct);
        var rows = new List<BenchmarkRow>();
        foreach (var (workspaces, turns) in Sizes)
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{workspaces:#,##0} workspaces each way, {turns} times"));
            var (closing, direct) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var turn = 0; turn < turns; turn++)
            {
                var (c, d) = await run.TurnAsync(workspaces, ct);
                (closing, direct) = (closing + c, direct + d);
            }

            var total = turns * workspaces;
            rows.Add(new(Name, workspaces, Math.Round(total / closing.TotalSeconds), "workspaces/s", Math.Round(total / direct.TotalSeconds), Math.Round(direct / closing, 3)));
        }

        return rows;
    }

    private sealed class Run(TestDeployment center, SettlementModule settlement)
    {
        private readonly IDocumentStore store = center.Services.GetRequiredService<IDocumentStore>();
        private int subscriptions;
        private int turns;

        /// <summary>A turn of each, the first one of them by turns.</summary>
        public async Task<(TimeSpan Closing, TimeSpan Direct)> TurnAsync(int workspaces, CancellationToken ct)
        {
            if (turns++ % 2 == 0)
            {
                return (await TurnAsync(workspaces, CloseAsync, ct), await TurnAsync(workspaces, AppendAsync, ct));
            }

            var direct = await TurnAsync(workspaces, AppendAsync, ct);
            return (await TurnAsync(workspaces, CloseAsync, ct), direct);
        }

        private async Task<TimeSpan> TurnAsync(int workspaces, Func<CloudInstanceKey, WorkspaceBound[], CancellationToken, Task<TimeSpan>> lockAsync, CancellationToken ct)
        {
            var instance = new CloudInstanceKey(CloudProvider.HuaweiCloud, $"inst-{++subscriptions}");
            var bound = BenchWorkspaces.Bound(instance.InstanceId, workspaces, center.Clock.GetUtcNow());
            await store.BindAsync(bound, ct);
            await center.SettleAsync(ct);
            var took = await lockAsync(instance, bound, ct);
            await center.CaughtUpAsync();

            await using var session = store.QuerySession();
            var after = await session.LoadManyAsync<WorkspaceSettlement>(ct, bound.Select(workspace => workspace.Workspace.Value));
            return after.Count(workspace => workspace is { Cloud: null, Reasons: [LockReason.SubscriptionClosed] }) == workspaces
                ? took
                : throw new InvalidOperationException($"Not every workspace of {instance} is unlinked and locked.");
        }

        private async Task<TimeSpan> CloseAsync(CloudInstanceKey instance, WorkspaceBound[] bound, CancellationToken ct)
        {
            await using var session = store.QuerySession();
            var start = Stopwatch.GetTimestamp();
            await center.DeliverAsync(settlement, new CloudSubscriptionClosedIntegrationEvent(
                Ids.DeterministicGuid("closed", instance.InstanceId), 9, center.Clock.GetUtcNow(), Ids.Deterministic<CloudSubscriptionId>(instance.InstanceId), instance,
                BenchWorkspaces.CloudAccountId));
            while (await session.LoadAsync<Closing>(Closing.Key(instance), ct) is not { IsUnderWay: false })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), ct);
            }

            return Stopwatch.GetElapsedTime(start);
        }

        private async Task<TimeSpan> AppendAsync(CloudInstanceKey instance, WorkspaceBound[] bound, CancellationToken ct)
        {
            var now = center.Clock.GetUtcNow();
            var appends = bound.Select(workspace => (
                workspace.Workspace, WorkspaceSettlementDecider.LoseSubscription(WorkspaceSettlement.Create(workspace), instance, CancellationEffect.UnlinkAndLock, now))).ToArray();
            var start = Stopwatch.GetTimestamp();
            await store.AppendAsync(appends, ct);
            return Stopwatch.GetElapsedTime(start);
        }
    }
}
