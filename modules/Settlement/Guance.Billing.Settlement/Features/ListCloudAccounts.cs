using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed record CloudAccountView(CloudProvider Provider, string AccountId, BillingAccountId BillingAccountId, DateTimeOffset ClaimedAt);

internal static class ListCloudAccountsEndpoint
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/cloud-accounts", async (IQuerySession session, ICallers callers, CancellationToken ct, int limit = 50, string? cursor = null) =>
        {
            PageSize.Check(limit, LimitMax, "cloud accounts");

            var only = callers.Current.OnlyAccount();
            var found = only is { } account
                ? await session.QueryAsync<CloudAccountClaim>($"where account_key = ? and id > ? order by id limit {limit + 1}", ct, account.Value, cursor ?? "")
                : await session.QueryAsync<CloudAccountClaim>($"where id > ? order by id limit {limit + 1}", ct, cursor ?? "");
            var page = found.Take(limit).ToArray();
            return TypedResults.Ok(new Page<CloudAccountView>(
                [.. page.Select(claim => new CloudAccountView(claim.Provider, claim.AccountId, claim.Account, claim.ClaimedAt))],
                found.Count > limit ? page[^1].Id : null));
        })
        .WithSummary("Cloud accounts registered with the billing account")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid");
}
