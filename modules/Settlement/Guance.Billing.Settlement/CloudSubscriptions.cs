using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Guance.Billing.Settlement;

/// <summary>
/// Asks CloudAccounts for subscriptions in a way that no closing is overlooked: whoever binds a workspace takes the instance's lock
/// shared <b>before</b> it asks for its state, a closing takes it alone. So either the closing sees the workspace, or the binder sees
/// that the subscription is closed.
/// </summary>
internal sealed class CloudSubscriptions(IQueries queries, UnitOfWork work, IConfiguration configuration)
{
    private const int TriesMax = 3;

    /// <summary>The subscription as it stands, and stays until this transaction ends.</summary>
    public async Task<CloudSubscriptionFacts?> GetAndHoldAsync(CloudInstanceKey instance, CancellationToken ct)
    {
        await LockAsync("select pg_advisory_xact_lock_shared($1)", instance, ct);
        return await queries.Ask(new GetCloudSubscription(instance.Provider, instance.InstanceId), ct);
    }

    /// <summary>The same, with everybody kept out who binds workspaces to it or follows its state.</summary>
    public async Task<CloudSubscriptionFacts?> GetAloneAsync(CloudInstanceKey instance, CancellationToken ct)
    {
        await LockAsync("select pg_advisory_xact_lock($1)", instance, ct);
        return await queries.Ask(new GetCloudSubscription(instance.Provider, instance.InstanceId), ct);
    }

    /// <summary>The newest active subscription of a cloud account, held like <see cref="GetAndHoldAsync"/>; null when there is none.</summary>
    public async Task<CloudSubscriptionFacts?> FindOpenAndHoldAsync(CloudProvider provider, string accountId, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= TriesMax; attempt++)
        {
            var found = await queries.Ask(new FindOpenCloudSubscription(provider, accountId), ct);
            if (found is null)
            {
                return null;
            }

            var held = await GetAndHoldAsync(new(provider, found.InstanceId), ct);
            if (held is { State: CloudSubscriptionState.Active })
            {
                return held;
            }
        }

        return null;
    }

    /// <summary>Where the subscription stands that settles the workspace; held.</summary>
    public async Task<(LinkState State, DateTimeOffset? ClosedAt)> LinkOfAsync(WorkspaceSettlement workspace, CancellationToken ct)
    {
        if (workspace.Cloud is null)
        {
            return (LinkState.None, null);
        }

        var subscription = await GetAndHoldAsync(workspace.Cloud.Instance, ct);
        return subscription is { State: CloudSubscriptionState.Closed } ? (LinkState.Closed, subscription.ClosedAt) : (LinkState.Open, null);
    }

    /// <summary>
    /// The workspace as it is once a closing that has happened but has not reached it yet is applied: a person who unlocks in that
    /// moment must not keep the closed subscription paying up to the unlock.
    /// </summary>
    public async Task<(WorkspaceSettlement State, IReadOnlyList<object> Events)> CatchUpAsync(WorkspaceSettlement workspace, DateTimeOffset now, CancellationToken ct)
    {
        var (link, closedAt) = await LinkOfAsync(workspace, ct);
        if (link is not LinkState.Closed)
        {
            return (workspace, []);
        }

        var instance = workspace.Cloud!.Instance;
        var events = WorkspaceSettlementDecider.LoseSubscription(workspace, instance, ProviderPolicy.Of(instance.Provider).OnCancelled, closedAt ?? now);
        return (WorkspaceSettlementDecider.After(workspace, events), events);
    }

    /// <summary>Where the product can be bought, if that is known.</summary>
    public string? MarketUrl(CloudProvider provider) => CloudMarkets.ProductUrl(configuration, provider);

    private async Task LockAsync(string sql, CloudInstanceKey instance, CancellationToken ct)
    {
        await using var locking = new NpgsqlCommand(sql, work.Connection, work.Transaction);
        locking.Parameters.Add(new() { Value = Ids.LockKey("instance", instance.Provider.Value, instance.InstanceId) });
        await locking.ExecuteNonQueryAsync(ct);
    }
}

internal static class CloudMarkets
{
    /// <summary>Where the product can be bought, if that is known.</summary>
    public static string? ProductUrl(IConfiguration configuration, CloudProvider provider) => provider == CloudProvider.HuaweiCloud
        ? configuration["HuaweiMarketplace:ProductUrl"] ?? "https://marketplace.huaweicloud.com/"
        : null;
}
