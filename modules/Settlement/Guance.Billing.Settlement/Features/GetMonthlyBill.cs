using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Documents;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetMonthlyBillHandler(IQuerySession session, MonthlyBills bills, IQueries queries) : IQueryHandler<GetMonthlyBill, MonthlyBill>
{
    public async Task<MonthlyBill> Handle(GetMonthlyBill request, CancellationToken cancellationToken)
    {
        var month = BillingMonth.Parse(request.Month);
        return await bills.MakeAsync(await session.AccountAsync(request.Account, cancellationToken), month, queries, cancellationToken);
    }
}

/// <summary>A month's bill: for programs, for spreadsheets, for people.</summary>
internal static class GetMonthlyBillEndpoint
{
    private static readonly string[] Refusals = ["month-invalid", "bill-not-ready", "account-id-required", "billing-account-unknown"];

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/bills/monthly/{month}", async (
                string month, IRequestHandler<GetMonthlyBill, MonthlyBill> get, ICallers callers, CancellationToken ct, BillingAccountId? billingAccountId = null) =>
                TypedResults.Ok(await get.Handle(new(callers.Current.AccountOfDocuments(billingAccountId), month), ct)))
            .WithSummary("A month's bill (yyyy-MM), from the 4th of the next month on; clients name the account")
            .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
            .Refuses(Refusals);
        endpoints.MapGet("/api/bills/monthly/{month}.csv", async (
                string month, IQuerySession session, MonthlyBills bills, ConsumptionCsv consumption, ICallers callers, CancellationToken ct, BillingAccountId? billingAccountId = null) =>
            {
                var asked = BillingMonth.Parse(month);
                var account = BillingAccountId.Of((await session.AccountOfDocumentsAsync(callers.Current, billingAccountId, ct)).Id);
                await bills.RefuseBeforeReadyAsync(account, asked, ct);
                return TypedResults.Stream(body => consumption.WriteAsync(body, account, asked.First, asked.Last, ct), "text/csv; charset=utf-8", $"guance-bill-{asked}.csv");
            })
            .WithSummary("A month's consumption details as CSV, streamed")
            .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
            .Refuses(Refusals);
        endpoints.MapGet("/api/bills/monthly/{month}.pdf", async (
                string month, IQuerySession session, MonthlyBills bills, IQueries queries, TrueTypeFont font, HttpRequest request, ICallers callers, CancellationToken ct,
                BillingAccountId? billingAccountId = null, string? lang = null) =>
            {
                var asked = BillingMonth.Parse(month);
                var language = Language(lang, request);
                var bill = await bills.MakeAsync(await session.AccountOfDocumentsAsync(callers.Current, billingAccountId, ct), asked, queries, ct);
                return TypedResults.File(MonthlyBillPdf.Render(bill, font, language), "application/pdf", $"guance-bill-{asked}-{language}.pdf");
            })
            .WithSummary("A month's bill as PDF; ?lang=zh or en, else as Accept-Language prefers")
            .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
            .Refuses([.. Refusals, "language-invalid"]);
    }

    private static string Language(string? asked, HttpRequest request) => asked switch
    {
        "zh" or "en" => asked,
        null => request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).Select(language => language.Value.ToString().Split('-')[0])
            .FirstOrDefault(language => language is "zh" or "en") ?? "en",
        _ => throw BillingRefusal.InvalidField("lang", "language-invalid", "The language is 'zh' or 'en'."),
    };
}
