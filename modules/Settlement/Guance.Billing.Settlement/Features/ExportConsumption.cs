using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Documents;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class ExportConsumptionEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/bills/consumption.csv", async (
            IQuerySession session, ConsumptionCsv consumption, ICallers callers, CancellationToken ct, DateOnly? from = null, DateOnly? to = null, BillingAccountId? billingAccountId = null) =>
        {
            if (from is not { } first || to is not { } last || last < first)
            {
                throw BillingRefusal.InvalidField("from", "days-invalid", "Give the first and the last day as ?from=yyyy-MM-dd&to=yyyy-MM-dd; the last is not before the first.");
            }

            var account = BillingAccountId.Of((await session.AccountOfDocumentsAsync(callers.Current, billingAccountId, ct)).Id);
            return TypedResults.Stream(
                body => consumption.WriteAsync(body, account, first, last, ct), "text/csv; charset=utf-8", $"guance-consumption-{first:yyyy-MM-dd}-{last:yyyy-MM-dd}.csv");
        })
        .WithSummary("Consumption details of the days billed so far as CSV, streamed; both days included")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("days-invalid", "account-id-required", "billing-account-unknown");
}
