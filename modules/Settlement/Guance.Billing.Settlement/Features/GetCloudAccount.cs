using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetCloudAccountHandler(IQuerySession session, IQueries queries, TimeProvider clock) : IQueryHandler<GetCloudAccount, CloudAccountDetails>
{
    private const int WorkspacesMax = 1000;

    public async Task<CloudAccountDetails> Handle(GetCloudAccount request, CancellationToken cancellationToken)
    {
        var (provider, accountId) = (request.Provider, request.AccountId);
        var claim = await session.LoadAsync<CloudAccountClaim>(CloudAccountClaim.Key(provider, accountId), cancellationToken);
        if (claim is null || !claim.Account.IsSeenBy(request.OnlyAccount))
        {
            throw BillingRefusal.NotFound("cloud-account-unknown", "There is no such cloud account in this billing account. Check the account ID.");
        }

        var subscriptions = await queries.Ask(new ListCloudSubscriptions(provider, accountId), cancellationToken);
        var workspaces = await session.QueryAsync<WorkspaceSettlement>(
            $"where cloud_account_key = ? order by data ->> 'siteKey', id limit {WorkspacesMax}", cancellationToken, new CloudAccountKey(provider, accountId).ToString());
        var now = clock.GetUtcNow();
        return new(
            provider,
            accountId,
            claim.Account,
            claim.ClaimedAt,
            [.. subscriptions.Select(s => new CloudAccountDetails.Subscription(s.Id, s.InstanceId, s.State, s.ChargingMode, s.RequestedAt, s.ActivatedAt, s.ExpiresAt, s.ClosedAt))],
            [.. workspaces.GroupBy(w => w.Site).Select(site => new CloudAccountDetails.AtSite(
                site.Key, [.. site.Select(w => new CloudAccountDetails.Workspace(w.Id, w.Name, w.Cloud!.InstanceId, w.LockAt(now)))]))]);
    }
}

internal static class GetCloudAccountEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/cloud-accounts/{provider}/{accountId}", async (
            CloudProvider provider, string accountId, IRequestHandler<GetCloudAccount, CloudAccountDetails> get, ICallers callers, CancellationToken ct) =>
            TypedResults.Ok(await get.Handle(new(provider, accountId, callers.Current.OnlyAccount()), ct)))
        .WithSummary("A registered cloud account: its subscriptions, and the workspaces that it settles by site")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("cloud-account-unknown");
}
