using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.ReadModels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class ListVouchersEndpoint
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/vouchers", async (CreditReader credits, ICallers callers, CancellationToken ct, BillingAccountId? billingAccountId = null, int limit = 50, string? cursor = null) =>
        {
            PageSize.Check(limit, LimitMax, "vouchers");
            return TypedResults.Ok(await credits.VouchersAsync(callers.Current.AccountAsked(billingAccountId), limit, cursor, ct));
        })
        .WithSummary("Vouchers of the billing account, used and expired ones too; what expires first comes first")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "account-id-required", "billing-account-unknown");
}
