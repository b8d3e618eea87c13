using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Documents;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class ExportFocusEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/bills/focus/{month}.csv", async (
            string month, IQuerySession session, FocusCsv focus, ICallers callers, CancellationToken ct, BillingAccountId? billingAccountId = null) =>
        {
            var asked = BillingMonth.Parse(month);
            var account = await session.AccountOfDocumentsAsync(callers.Current, billingAccountId, ct);
            return TypedResults.Stream(body => focus.WriteAsync(body, account, asked, ct), "text/csv; charset=utf-8", $"guance-focus-{asked}.csv");
        })
        .WithSummary("A month's charges as FOCUS 1.2, streamed; of the running month the days billed so far")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("month-invalid", "account-id-required", "billing-account-unknown");
}
