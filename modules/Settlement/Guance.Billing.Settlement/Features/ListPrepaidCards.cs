using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.ReadModels;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class ListPrepaidCardsHandler(CreditReader credits) : IQueryHandler<ListPrepaidCards, Page<PrepaidCardView>>
{
    private const int LimitMax = 200;

    public Task<Page<PrepaidCardView>> Handle(ListPrepaidCards request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "prepaid cards");
        return credits.CardsAsync(request.Account, request.OnlyActive, request.Limit, request.Cursor, cancellationToken);
    }
}

internal static class ListPrepaidCardsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/prepaid-cards", async (
            IRequestHandler<ListPrepaidCards, Page<PrepaidCardView>> list, ICallers callers, CancellationToken ct,
            BillingAccountId? billingAccountId = null, bool active = false, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(callers.Current.AccountAsked(billingAccountId), active, limit, cursor), ct)))
        .WithSummary("Prepaid cards of the billing account, used and expired ones too; what expires first comes first; ?active=true for those that can still pay")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "account-id-required", "billing-account-unknown");
}
