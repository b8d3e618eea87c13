using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Sites;
using Guance.Billing.TestKit;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>Stands in for CloudAccounts and for the feeds of a Billing Center that has Settlement alone: every subscription is closed, and nobody is told anything.</summary>
internal sealed class BenchMarket : IModule, IFeeds
{
    public string Name => "Market";

    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    public static Task<TestDeployment> StartAsync(SettlementModule settlement) =>
        TestDeployment.StartAsync([settlement, new BenchMarket()], settings: new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Error" });

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment) => services.AddSingleton<IFeeds>(this);

    public void ConfigureMarten(StoreOptions options)
    {
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }

    public Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(IReadOnlyCollection<string> subjects, CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<string, LastTold>>(new Dictionary<string, LastTold>(StringComparer.Ordinal));

    public Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(SiteCode site, IReadOnlyCollection<string> subjects, CancellationToken ct) => LastToldAsync(subjects, ct);

    public Task<IReadOnlyList<SiteStatus>> SitesAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<SiteStatus>>([]);
}

/// <summary>See <see cref="BenchMarket"/>.</summary>
internal sealed class GetCloudSubscriptionHandler : IQueryHandler<GetCloudSubscription, CloudSubscriptionFacts?>
{
    public Task<CloudSubscriptionFacts?> Handle(GetCloudSubscription request, CancellationToken cancellationToken) => Task.FromResult<CloudSubscriptionFacts?>(new(
        Ids.Deterministic<CloudSubscriptionId>(request.InstanceId), request.Provider, request.InstanceId, BenchWorkspaces.CloudAccountId, CloudSubscriptionState.Closed, "ON_DEMAND",
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, null, DateTimeOffset.UnixEpoch, null, null));
}

/// <summary>Workspaces as they come to be, many in a commit.</summary>
internal static class BenchWorkspaces
{
    public const string CloudAccountId = "0123456789abcdef0123456789abcdef";
    public const int BatchSize = 500;

    private static readonly SiteCode[] Sites = [SiteCode.Of("cn4"), SiteCode.Of("za1")];

    /// <summary>Workspaces of one billing account at two sites, settled by a subscription.</summary>
    public static WorkspaceBound[] Bound(string instanceId, int count, DateTimeOffset at, string accountId = CloudAccountId) => [.. Enumerable.Range(0, count).Select(n => new WorkspaceBound(
        Ids.Deterministic<WorkspaceId>(instanceId, $"{n}"), Sites[n % Sites.Length], Ids.Deterministic<BillingAccountId>("bench"), $"Workspace {n}", "en",
        SettlementMethod.Cloud(CloudProvider.HuaweiCloud), new CloudLink(CloudProvider.HuaweiCloud, accountId, instanceId), Ids.Deterministic<RegistrationId>(instanceId, $"{n}"), at))];

    public static async Task BindAsync(this IDocumentStore store, IEnumerable<WorkspaceBound> workspaces, CancellationToken ct)
    {
        foreach (var batch in workspaces.Chunk(BatchSize))
        {
            await using var session = store.LightweightSession();
            foreach (var bound in batch)
            {
                session.Events.StartStream<WorkspaceSettlement>(bound.Workspace.Value, bound);
            }

            await session.SaveChangesAsync(ct);
        }
    }

    /// <summary>Waits until the inboxes have seen everything, and lets the planner know the tables as it would after a minute by autovacuum.</summary>
    public static async Task SettleAsync(this TestDeployment center, CancellationToken ct)
    {
        await center.CaughtUpAsync();
        await using var analyze = center.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("analyze");
        await analyze.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Raw Marten: one commit a batch.</summary>
    public static async Task AppendAsync(this IDocumentStore store, IEnumerable<(WorkspaceId Workspace, IReadOnlyList<object> Events)> appends, CancellationToken ct)
    {
        foreach (var batch in appends.Chunk(BatchSize))
        {
            await using var session = store.LightweightSession();
            foreach (var (workspace, events) in batch)
            {
                session.Events.Append(workspace.Value, events);
            }

            await session.SaveChangesAsync(ct);
        }
    }
}
