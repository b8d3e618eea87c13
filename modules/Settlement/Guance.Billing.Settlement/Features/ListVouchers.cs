using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.ReadModels;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class ListVouchersHandler(CreditReader credits) : IQueryHandler<ListVouchers, Page<VoucherView>>
{
    private const int LimitMax = 200;

    public Task<Page<VoucherView>> Handle(ListVouchers request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "vouchers");
        return credits.VouchersAsync(request.Account, request.OnlyActive, request.Limit, request.Cursor, cancellationToken);
    }
}

internal static class ListVouchersEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/vouchers", async (
            IRequestHandler<ListVouchers, Page<VoucherView>> list, ICallers callers, CancellationToken ct,
            BillingAccountId? billingAccountId = null, bool active = false, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(callers.Current.AccountAsked(billingAccountId), active, limit, cursor), ct)))
        .WithSummary("Vouchers of the billing account, used and expired ones too; what expires first comes first; ?active=true for those that can still pay")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "account-id-required", "billing-account-unknown");
}
