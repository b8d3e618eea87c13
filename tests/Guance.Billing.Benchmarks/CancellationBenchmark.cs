using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.TestKit;
using Guance.Billing.World;
using Guance.Billing.Workspaces.Domain;
using JasperFx.Events;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Guance.Billing.World.Steps;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// A cancellation through a whole world: from Close Resource on the market until the Billing Center has unlinked and locked every workspace, on two sites, and both sites have applied and
/// acknowledged it. Baseline: raw Marten appends as many events of the same kinds to as many streams, 100 a commit, in one database and with no projection: those of the Billing Center, and
/// what the sites note of them.
/// </summary>
internal sealed class CancellationBenchmark : IBenchmark
{
    private const int RawBatch = 100;
    private static readonly string[] Sites = ["cn4", "za1"];
    private static readonly int[] WarmUp = [500, 2_998, 3_002];
    private static readonly int[] Sizes = [1_000, 3_000, 10_000];

    public string Name => "cancellation";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        progress("starting a world of two sites");
        await using var own = await BenchWorld.StartAsync("cancel", ct, Sites);
        await using var rawDatabase = await TestDatabase.CreateAsync(ct);
        using var raw = DocumentStore.For(options =>
        {
            options.Connection(rawDatabase.ConnectionString);
            options.Events.StreamIdentity = StreamIdentity.AsString;
            options.DisableNpgsqlLogging = true;
        });
        var rows = new List<BenchmarkRow>();
        // The first ones compile, at first all and then better what runs often, on the cores that are measured.
        foreach (var size in WarmUp.Concat(Sizes))
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} workspaces on two sites"));
            var (closed, bound) = await CloseAsync(own.World, size, ct);
            var direct = await AppendAsync(raw, bound, ct);
            if (Sizes.Contains(size))
            {
                rows.Add(new(Name, size, Math.Round(closed.TotalSeconds, 2), "s", Math.Round(direct.TotalSeconds, 2), Math.Round(closed / direct, 2)));
            }
        }

        return rows;
    }

    private static async Task<(TimeSpan Took, WorkspaceBound[] Bound)> CloseAsync(World.World world, int size, CancellationToken ct)
    {
        using var market = new Person(world.Ports.MarketplaceUrl);
        using var staff = await Person.ProgramAsync(world.Ports.BillingCenterUrl, world.Ports.BillingCenterUrl, "dev-operator", "dev-operator-secret");
        var instance = await BuyAsync(market, string.Create(CultureInfo.InvariantCulture, $"bench{size}@bench.example"));
        var (accountId, instanceId) = (Text(instance, "customerId"), Text(instance, "instanceId"));
        var services = world.Deployment("billing-center").Services;
        var bound = BenchWorkspaces.Bound(instanceId, size, services.GetRequiredService<TimeProvider>().GetUtcNow(), accountId);
        await services.GetRequiredService<IDocumentStore>().BindAsync(bound, ct);
        foreach (var site in Sites)
        {
            await CountAsync(world, site, "select count(*) from workspaces.mt_doc_workspace where id = any($1)", bound, size / Sites.Length, ct);
        }

        foreach (var name in Sites.Prepend("billing-center"))
        {
            await using var database = Database(world, name);
            await using var analyze = database.CreateCommand("analyze");
            await analyze.ExecuteNonQueryAsync(ct);
        }

        var start = Stopwatch.GetTimestamp();
        var closing = market.PostAsync($"/sim/instances/{instanceId}/close");
        while (!IsAcknowledged(await staff.SendAsync(HttpMethod.Get, $"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
        }

        var took = Stopwatch.GetElapsedTime(start);
        await closing;
        return (took, bound);
    }

    private static bool IsAcknowledged(Answer closing) =>
        closing.Json?["sites"] is JsonArray { Count: 2 } sites && sites.All(site => site!["acknowledgedAt"] is not null);

    private static async Task CountAsync(World.World world, string name, string sql, WorkspaceBound[] bound, int wanted, CancellationToken ct)
    {
        await using var database = Database(world, name);
        await using var count = database.CreateCommand(sql);
        count.Parameters.Add(new() { Value = bound.Select(workspace => workspace.Workspace.Value).ToArray() });
        while ((long)(await count.ExecuteScalarAsync(ct))! != wanted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), ct);
        }
    }

    private static NpgsqlDataSource Database(World.World world, string name) => NpgsqlDataSource.Create(world.SettingsOf(name)["ConnectionStrings:Billing"]!);

    private static async Task<TimeSpan> AppendAsync(DocumentStore raw, WorkspaceBound[] bound, CancellationToken ct)
    {
        var at = bound[0].At;
        var appends = bound.SelectMany(workspace => new[]
        {
            (Stream: workspace.Workspace.Value, Events: WorkspaceSettlementDecider.LoseSubscription(WorkspaceSettlement.Create(workspace), workspace.Cloud!.Instance, Settlement.Contracts.CancellationEffect.UnlinkAndLock, at)),
            (Stream: $"site {workspace.Workspace.Value}", Events: [new MethodNoted(SettlementMethod.BillingCenter, null, at, 2), new LockedNoted(LockReason.SubscriptionClosed, at, at, workspace.Cloud.InstanceId, 3)]),
        }).ToArray();
        await using (var session = raw.LightweightSession())
        {
            foreach (var (stream, _) in appends)
            {
                session.Events.StartStream(stream, bound[0]);
            }

            await session.SaveChangesAsync(ct);
        }

        var start = Stopwatch.GetTimestamp();
        foreach (var batch in appends.Chunk(RawBatch))
        {
            await using var session = raw.LightweightSession();
            foreach (var (stream, events) in batch)
            {
                session.Events.Append(stream, events);
            }

            await session.SaveChangesAsync(ct);
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
