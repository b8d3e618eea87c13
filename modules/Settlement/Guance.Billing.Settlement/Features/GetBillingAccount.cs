using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Settlement.Tables;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed record BillingAccountView(
    string Id, string Username, string Email, string? Phone, string CompanyName, bool ArbitrarySettlement, IReadOnlyList<SiteCode> Sites,
    BalancesView Balances, DateTimeOffset? ArrearsSince, DateTimeOffset? LockAt);

internal static class GetBillingAccountEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/billing-account", async (IQuerySession session, SettlementDbContext tables, CreditReader credits, ICallers callers, CancellationToken ct) =>
        {
            var id = callers.Current.Id;
            var user = await tables.UserOfAsync(BillingAccountId.Of(id), ct);
            var account = await session.LoadAsync<BillingAccount>(id, ct);
            var wallet = await credits.WalletAsync(BillingAccountId.Of(id), ct);
            return user is not null && account is not null
                ? TypedResults.Ok(new BillingAccountView(
                    id, user.Username, user.Email, user.Phone, user.CompanyName, account.ArbitrarySettlement, account.Sites,
                    wallet.Balances, wallet.ArrearsSince, wallet.LockAt))
                : throw BillingRefusal.NotFound("billing-account-unknown", "There is no such billing account. Sign in again.");
        })
        .WithSummary("The signed-in billing account with its balances")
        .ForBillingUsers()
        .Refuses("billing-account-unknown");
}
