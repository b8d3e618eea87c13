using System.Globalization;
using System.Text;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetJournalHandler(JournalReader journal) : IQueryHandler<GetJournal, Page<JournalRow>>
{
    private const int LimitMax = 500;

    public async Task<Page<JournalRow>> Handle(GetJournal request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "entries");
        var found = new List<JournalRow>();
        await foreach (var row in journal.ReadAsync(request.Account, request.From, request.To, request.NewestFirst, request.Cursor, request.Limit + 1, cancellationToken))
        {
            found.Add(row);
        }

        return found.Count > request.Limit
            ? new([.. found.Take(request.Limit)], found[request.Limit - 1].Seq.ToString(CultureInfo.InvariantCulture))
            : new(found, null);
    }
}

/// <summary>Income and expenditure: pages for programs, CSV for people.</summary>
internal static class GetJournalEndpoint
{

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/journal", async (
                IRequestHandler<GetJournal, Page<JournalRow>> journal, ICallers callers, CancellationToken ct,
                DateOnly? from = null, DateOnly? to = null, BillingAccountId? billingAccountId = null, int limit = 100, long? cursor = null) =>
                TypedResults.Ok(await journal.Handle(new(callers.Current.AccountAsked(billingAccountId), from, to, NewestFirst: false, limit, cursor), ct)))
            .WithSummary("Income and expenditure, oldest first; dates of the billing time zone, both included")
            .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
            .Refuses("limit-invalid", "account-id-required", "billing-account-unknown");
        endpoints.MapGet("/api/journal.csv", (
                JournalReader journal, ICallers callers, CancellationToken ct, DateOnly? from = null, DateOnly? to = null, BillingAccountId? billingAccountId = null) =>
            {
                var account = callers.Current.AccountAsked(billingAccountId);
                return TypedResults.Stream(
                    body => WriteAsync(body, journal.ReadAsync(account, from, to, newestFirst: false, null, long.MaxValue, ct), ct), "text/csv; charset=utf-8", $"journal-{account}.csv");
            })
            .WithSummary("Income and expenditure as CSV, streamed")
            .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
            .Refuses("account-id-required", "billing-account-unknown");
    }

    private static async Task WriteAsync(Stream body, IAsyncEnumerable<JournalRow> rows, CancellationToken ct)
    {
        await using var csv = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        await csv.WriteLineAsync("seq,date,at,what,reference,day,currency,usage,vouchers,prepaid,cash,cloud,outside,cash_balance".AsMemory(), ct);
        await foreach (var row in rows)
        {
            string[] fields =
            [
                row.Seq.ToString(CultureInfo.InvariantCulture), Date(row.Date), row.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                row.What, Text(row.Reference), row.Day is { } day ? Date(day) : "", row.Cash.Currency.Value,
                Sum(row, Ledgers.Usage), Sum(row, Ledgers.VoucherPrefix), Sum(row, Ledgers.CardPrefix), Sum(row, Ledgers.Cash), Sum(row, Ledgers.CloudPrefix), Sum(row, "outside:"),
                Amount(row.Cash.Amount),
            ];
            await csv.WriteLineAsync(string.Join(',', fields).AsMemory(), ct);
        }
    }

    private static string Sum(JournalRow row, string ledgers) =>
        Amount(row.Amounts.Where(amount => amount.Ledger.StartsWith(ledgers, StringComparison.Ordinal)).Sum(amount => amount.Amount.Amount));

    private static string Amount(decimal amount) => amount.ToString("0.00##############", CultureInfo.InvariantCulture);

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
