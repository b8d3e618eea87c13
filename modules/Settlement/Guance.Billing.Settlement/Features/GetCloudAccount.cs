using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

/// <summary>A registered cloud account, with what it bought and what it settles.</summary>
internal sealed record CloudAccountDetails(
    CloudProvider Provider,
    string AccountId,
    BillingAccountId BillingAccountId,
    DateTimeOffset ClaimedAt,
    IReadOnlyList<CloudAccountDetails.Subscription> Subscriptions,
    IReadOnlyList<CloudAccountDetails.AtSite> Sites)
{
    internal sealed record Subscription(
        CloudSubscriptionId Id, string ProductInstanceId, CloudSubscriptionState State, string? ChargingMode,
        DateTimeOffset RequestedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? ClosedAt);

    /// <param name="Site">The site.</param>
    /// <param name="Workspaces">The workspaces bound there; of very many, the first.</param>
    internal sealed record AtSite(SiteCode Site, IReadOnlyList<Workspace> Workspaces);

    internal sealed record Workspace(string Id, string Name, string ProductInstanceId, LockState Lock);
}

internal static class GetCloudAccountEndpoint
{
    private const int WorkspacesMax = 1000;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/cloud-accounts/{provider}/{accountId}", async (
            CloudProvider provider, string accountId, IQuerySession session, IQueries queries, ICallers callers, TimeProvider clock, CancellationToken ct) =>
        {
            var claim = await session.LoadAsync<CloudAccountClaim>(CloudAccountClaim.Key(provider, accountId), ct);
            if (claim is null || !claim.Account.IsSeenBy(callers.Current.OnlyAccount()))
            {
                throw BillingRefusal.NotFound("cloud-account-unknown", "There is no such cloud account in this billing account. Check the account ID.");
            }

            var subscriptions = await queries.Ask(new ListCloudSubscriptions(provider, accountId), ct);
            var workspaces = await session.QueryAsync<WorkspaceSettlement>(
                $"where cloud_account_key = ? order by data ->> 'siteKey', id limit {WorkspacesMax}", ct, new CloudAccountKey(provider, accountId).ToString());
            var now = clock.GetUtcNow();
            return TypedResults.Ok(new CloudAccountDetails(
                provider,
                accountId,
                claim.Account,
                claim.ClaimedAt,
                [.. subscriptions.Select(s => new CloudAccountDetails.Subscription(s.Id, s.InstanceId, s.State, s.ChargingMode, s.RequestedAt, s.ActivatedAt, s.ExpiresAt, s.ClosedAt))],
                [.. workspaces.GroupBy(w => w.Site).Select(site => new CloudAccountDetails.AtSite(
                    site.Key, [.. site.Select(w => new CloudAccountDetails.Workspace(w.Id, w.Name, w.Cloud!.InstanceId, w.LockAt(now)))]))]));
        })
        .WithSummary("A registered cloud account: its subscriptions, and the workspaces that it settles by site")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("cloud-account-unknown");
}
