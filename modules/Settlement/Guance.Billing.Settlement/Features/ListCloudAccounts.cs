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

internal sealed class ListCloudAccountsHandler(IQuerySession session) : IQueryHandler<ListCloudAccounts, Page<CloudAccountView>>
{
    private const int LimitMax = 200;

    public async Task<Page<CloudAccountView>> Handle(ListCloudAccounts request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "cloud accounts");
        var (cursor, count) = (request.Cursor ?? "", request.Limit + 1);
        var found = request.Account is { } account
            ? await session.QueryAsync<CloudAccountClaim>($"where account_key = ? and id > ? order by id limit {count}", cancellationToken, account.Value, cursor)
            : await session.QueryAsync<CloudAccountClaim>($"where id > ? order by id limit {count}", cancellationToken, cursor);
        var page = found.Take(request.Limit).ToArray();
        return new(
            [.. page.Select(claim => new CloudAccountView(claim.Provider, claim.AccountId, claim.Account, claim.ClaimedAt))],
            found.Count > request.Limit ? page[^1].Id : null);
    }
}

internal static class ListCloudAccountsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/cloud-accounts", async (
            IRequestHandler<ListCloudAccounts, Page<CloudAccountView>> list, ICallers callers, CancellationToken ct, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(callers.Current.OnlyAccount(), limit, cursor), ct)))
        .WithSummary("Cloud accounts registered with the billing account")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid");
}
