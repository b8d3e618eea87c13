using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Documents;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetSpendingHandler(MonthlyBills bills, BillingDays days, TimeProvider clock) : IQueryHandler<GetSpending, Spending>
{
    public Task<Spending> Handle(GetSpending request, CancellationToken cancellationToken) =>
        bills.SpendingAsync(request.Account, request.Month is { } month ? BillingMonth.Parse(month) : BillingMonth.Of(days.Of(clock.GetUtcNow())), cancellationToken);
}

internal static class GetSpendingEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/spending", async (
            IRequestHandler<GetSpending, Spending> get, ICallers callers, CancellationToken ct, string? month = null, BillingAccountId? billingAccountId = null) =>
            TypedResults.Ok(await get.Handle(new(callers.Current.AccountOfDocuments(billingAccountId), month), ct)))
        .WithSummary("What the days of a month (yyyy-MM, by default the present one) that are billed so far come to, by day, site, workspace and item")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("month-invalid", "account-id-required", "billing-account-unknown");
}
