using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Settlement.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetBillingAccountHandler(SettlementDbContext tables, BillingAccountReader accounts) : IQueryHandler<GetBillingAccount, BillingAccountView>
{
    public async Task<BillingAccountView> Handle(GetBillingAccount request, CancellationToken cancellationToken) =>
        await accounts.ReadAsync(await tables.UserOfAsync(request.Account, cancellationToken), cancellationToken)
            ?? throw BillingRefusal.NotFound("billing-account-unknown", "There is no such billing account. Sign in again.");
}

internal static class GetBillingAccountEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/billing-account", async (IRequestHandler<GetBillingAccount, BillingAccountView> get, ICallers callers, CancellationToken ct) =>
            TypedResults.Ok(await get.Handle(new(BillingAccountId.Of(callers.Current.Id)), ct)))
        .WithSummary("The signed-in billing account with its balances")
        .ForBillingUsers()
        .Refuses("billing-account-unknown");
}
