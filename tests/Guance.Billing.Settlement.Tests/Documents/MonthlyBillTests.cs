using System.Net;
using System.Text.Json.Nodes;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement.Tests.Features;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;

namespace Guance.Billing.Settlement.Tests.Documents;

[Collection(nameof(DocumentsCenter))]
public sealed class MonthlyBillTests(DocumentsCenter documents)
{
    private BillingCenter Center => documents.Center;

    [Fact]
    public async Task A_month_says_what_was_charged_by_whom_where_and_for_what_and_how_it_was_paid()
    {
        var cloud = Center.Market.Buy();
        var customer = await Center.CustomerAsync();
        var abroad = await Center.AttachAsync(customer, BillingCenter.Za1, cloud);
        await Center.IssueVoucherAsync(customer.Account, "ordinary", "5");
        await Center.IssueVoucherAsync(customer.Account, "full-reduction", "1");
        await Center.CreditCashAsync(customer.Account, "2.50");
        await documents.BillAsync(customer, "2025-03-01", Line.Series(6_000), Line.Logs(2_000_000), Line.Sms(10));
        await documents.BillAsync(customer, abroad, BillingCenter.Za1, "2025-03-02", Line.Series(10_000, cloud.Payer()));
        await documents.BillAsync(customer, "2025-03-03", Line.Series(4_000), Line.Logs(-500_000, adjusts: "2025-02-27"));

        var bill = await customer.Browser.ReadAsync("/api/bills/monthly/2025-03");

        // 3.60 + 2.40 + 1.00, of which vouchers pay 6.00 but no SMS; 6.00 by the cloud; 2.40 - 0.60.
        ((string)bill["month"]!, (string)bill["timeZone"]!, (string)bill["companyName"]!, Amount(bill["total"])).ShouldBe(("2025-03", "Asia/Shanghai", "ACME", "14.80"));
        ((string)bill["from"]!, (string)bill["to"]!).ShouldBe(("2025-02-28T16:00:00+00:00", "2025-03-31T16:00:00+00:00"));
        Of(bill, "payers", row => $"{row["payer"]} {row["invoicedBy"]} {row["cloudAccountId"]} {Amount(row["total"])}")
            .ShouldBe(["billing-center guance  8.80", $"{cloud.Payer()} huawei-cloud {cloud.AccountId} 6.00"]);
        Of(bill, "sites", row => $"{row["site"]} {Amount(row["total"])} {string.Join(' ', row["workspaces"]!.AsArray().Select(w => $"{w!["workspaceId"]} {Amount(w["total"])}"))}")
            .ShouldBe([$"cn4 8.80 {customer.Workspace} 8.80", $"za1 6.00 {abroad} 6.00"]);
        Of(bill, "items", row => $"{row["item"]} {row["retentionDays"]} {row["quantity"]} {row["unit"]} {Amount(row["total"])}")
            .ShouldBe(["logs 7 1500000 record 1.80", "sms  10 message 1.00", "time-series 3 20000 series 12.00"]);
        Of(bill, "paidBy", row => $"{row["from"]} {row["payer"]} {Amount(row["amount"])}")
            .ShouldBe(["ordinary-voucher  5.00", "full-reduction-voucher  1.00", "cash  2.50", "arrears  0.30", $"cloud-account {cloud.Payer()} 6.00"]);
        (Amount(bill["adjustments"]!["total"]), (long)bill["adjustments"]!["count"]!).ShouldBe(("-0.60", 1));
        Of(bill["adjustments"]!, "items", row => $"{row["adjustsDate"]} {row["billedDate"]} {row["item"]} {Amount(row["amount"])}").ShouldBe(["2025-02-27 2025-03-03 logs -0.60"]);
        Of(bill, "notes", row => (string)row["code"]!).ShouldBe(["invoiced-by-cloud-vendor", "details-in-csv"]);
    }

    [Fact]
    public async Task What_a_correction_gives_back_while_in_arrears_lowers_the_arrears()
    {
        var customer = await Center.CustomerAsync();
        await Center.CreditCashAsync(customer.Account, "1");
        await documents.BillAsync(customer, "2025-03-01", Line.Logs(3_000_000));
        await documents.BillAsync(customer, "2025-03-02", Line.Logs(-1_000_000, adjusts: "2025-03-01"));

        // 3.60 took the 1.00 and left 2.60 owing; 1.20 back lowered that to 1.40.
        var bill = await customer.Browser.ReadAsync("/api/bills/monthly/2025-03");
        (Amount(bill["total"]), string.Join(',', Of(bill, "paidBy", row => $"{row["from"]} {Amount(row["amount"])}"))).ShouldBe(("2.40", "cash 1.00,arrears 1.40"));
    }

    [Fact]
    public async Task A_month_holds_the_bills_of_its_own_days()
    {
        var customer = await Center.CustomerAsync();
        foreach (var day in new[] { "2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01" })
        {
            await documents.BillAsync(customer, day, Line.Logs(1_000_000));
        }

        Amount((await customer.Browser.ReadAsync("/api/bills/monthly/2025-03"))["total"]).ShouldBe("2.40");
        (await customer.Browser.CsvAsync("/api/bills/monthly/2025-03.csv")).Select(row => row["billing_day"]).ShouldBe(["2025-03-01", "2025-03-31"]);
        (await customer.Browser.CsvAsync("/api/bills/consumption.csv?from=2025-02-28&to=2025-03-01")).Select(row => row["billing_day"]).ShouldBe(["2025-02-28", "2025-03-01"]);
        (await customer.Browser.CsvAsync("/api/bills/focus/2025-03.csv")).Select(row => row["ChargePeriodStart"]).ShouldBe(["2025-02-28T16:00:00Z", "2025-03-30T16:00:00Z"]);
    }

    [Fact]
    public async Task An_empty_month_is_an_empty_document_that_says_so()
    {
        var customer = await Center.CustomerAsync();

        var bill = await customer.Browser.ReadAsync("/api/bills/monthly/2025-03");
        (Amount(bill["total"]), bill["sites"]!.AsArray().Count, bill["paidBy"]!.AsArray().Count).ShouldBe(("0.00", 0, 0));
        Of(bill, "notes", row => (string)row["code"]!).ShouldBe(["no-charges", "details-in-csv"]);
        (await customer.Browser.CsvAsync("/api/bills/monthly/2025-03.csv")).ShouldBeEmpty();
        (await customer.Browser.CsvAsync("/api/bills/focus/2025-03.csv")).ShouldBeEmpty();
        using var pdf = PdfDocument.Open(await customer.Browser.BytesAsync("/api/bills/monthly/2025-03.pdf"));
        Text(pdf.GetPage(1)).ShouldContain("There were no charges in this month.");
    }

    [Fact]
    public async Task Others_bills_are_not_found_and_a_client_names_the_account()
    {
        var (customer, other) = (await Center.CustomerAsync(), await Center.CustomerAsync());
        using var client = await Center.OperatorAsync();
        foreach (var path in new[] { "monthly/2025-03?", "monthly/2025-03.csv?", "monthly/2025-03.pdf?", "focus/2025-03.csv?", "consumption.csv?from=2025-03-01&to=2025-03-31&" })
        {
            (await customer.Browser.SendAsync(HttpMethod.Get, $"/api/bills/{path}billingAccountId={other.Account}")).ShouldRefuse(404, "billing-account-unknown");
            (await client.SendAsync(HttpMethod.Get, $"/api/bills/{path}billingAccountId={Ids.Deterministic<BillingAccountId>("nobody")}")).ShouldRefuse(404, "billing-account-unknown");
            (await client.SendAsync(HttpMethod.Get, $"/api/bills/{path}")).ShouldRefuse(400, "account-id-required");
            (await client.GetAsync($"/api/bills/{path}billingAccountId={other.Account}")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await Center.Deployment.Browser().GetAsync($"/api/bills/{path}")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/bills/monthly/march")).ShouldRefuse(400, "month-invalid");
        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/bills/monthly/2025-03.pdf?lang=fr")).ShouldRefuse(400, "language-invalid");
        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/bills/consumption.csv?from=2025-03-02&to=2025-03-01")).ShouldRefuse(400, "days-invalid");
    }

    [Fact]
    public async Task A_months_bill_can_be_had_when_the_third_is_over_and_all_its_days_are_billed()
    {
        await using var own = new DocumentsCenter();
        await own.InitializeAsync();
        var center = own.Center;
        var account = (await center.CustomerAsync()).Account;
        var shanghai = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
        var now = TimeZoneInfo.ConvertTime(center.Now, shanghai);
        var first = new DateOnly(now.Year, now.Month, 1);
        var readyAt = new DateTimeOffset(first.AddMonths(1).AddDays(3).ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(8));
        center.Deployment.Clock.Advance(readyAt.AddMinutes(-1) - center.Now);
        using var client = await center.OperatorAsync();
        var path = $"/api/bills/monthly/{first:yyyy-MM}?billingAccountId={account}";

        var early = await client.SendAsync(HttpMethod.Get, path);
        early.ShouldRefuse(409, "bill-not-ready");
        ((DateTimeOffset)early.Json["readyAt"]!).ShouldBe(readyAt);
        ((string)early.Json["detail"]!).ShouldContain($"{readyAt:yyyy-MM-dd} 00:00 (Asia/Shanghai)");
        (await client.GetAsync($"/api/bills/consumption.csv?from={first:yyyy-MM-dd}&to={first.AddDays(20):yyyy-MM-dd}&billingAccountId={account}")).StatusCode.ShouldBe(HttpStatusCode.OK);

        center.Deployment.Clock.Advance(TimeSpan.FromMinutes(1));
        (await client.SendAsync(HttpMethod.Get, path)).ShouldRefuse(409, "bill-not-ready");
        await own.CloseThroughAsync(first.AddMonths(1).AddDays(-1));
        (await client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await center.ExecuteAsync($"insert into settlement.parked_day values ('{account}', '{first:yyyy-MM-dd}')");
        (await client.SendAsync(HttpMethod.Get, path)).ShouldRefuse(409, "bill-not-ready");
    }

    [Fact]
    public async Task Consumption_details_are_safe_and_whole_in_a_spreadsheet()
    {
        var customer = await Center.CustomerAsync();
        await documents.RenameAsync(customer.Workspace, "=HYPERLINK(\"https://evil.example\";\"a,b\")");
        await documents.BillAsync(customer, "2025-03-05", Line.Series(5_000, share: 1, ofShare: 3), Line.Logs(-1_234, adjusts: "2025-03-01"));

        var bytes = await customer.Browser.BytesAsync("/api/bills/monthly/2025-03.csv");
        bytes[..3].ShouldBe([0xEF, 0xBB, 0xBF]);
        var rows = await customer.Browser.CsvAsync("/api/bills/monthly/2025-03.csv");
        rows.Select(row => row["workspace_name"]).Distinct().ShouldBe(["'=HYPERLINK(\"https://evil.example\";\"a,b\")"]);
        string.Join(' ', new[] { "billing_day", "time_zone", "site", "item", "retention_days", "payer", "adjusts_day", "quantity", "unit", "payer_share", "unit_quantity", "unit_price", "exact_charge", "amount", "currency" }
            .Select(column => rows[0][column])).ShouldBe("2025-03-05 Asia/Shanghai cn4 time-series 3 billing-center  5000 series 1/3 1000 0.6 1 1.00 CNY");
        (rows[1]["quantity"], rows[1]["adjusts_day"], rows[1]["amount"]).ShouldBe(("-1234", "2025-03-01", "0.00"));
        (rows[0]["bill_id"], rows[0]["line_id"]).ShouldBe(($"bill_20250305_{customer.Workspace.Value[5..]}", $"line_20250305_{customer.Workspace.Value[5..]}_1"));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("  =1", "'  =1")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("＝1", "'＝1")]
    [InlineData("", "")]
    public void A_name_that_a_spreadsheet_would_reckon_with_is_marked_as_text(string name, string safe) => Settlement.Documents.Csv.Name(name).ShouldBe(safe);

    [Fact]
    public async Task The_pdf_reads_back_in_both_languages_over_several_pages()
    {
        var cloud = Center.Market.Buy();
        var customer = await ManyWorkspacesAsync(cloud, 45);

        using var chinese = PdfDocument.Open(await customer.Browser.BytesAsync("/api/bills/monthly/2025-03.pdf?lang=zh"));
        using var english = PdfDocument.Open(await customer.Browser.BytesAsync("/api/bills/monthly/2025-03.pdf"));

        chinese.NumberOfPages.ShouldBeGreaterThan(1);
        foreach (var page in chinese.GetPages())
        {
            Text(page).ShouldContain($"第 {page.Number} 页，共 {chinese.NumberOfPages} 页");
            Text(page).ShouldContain("观测云 · 月度账单 2025-03");
            page.Letters.Select(letter => letter.FontName).Distinct().ShouldBe(["GUANCE+WenQuanYiMicroHei"]);
            page.Letters.ShouldAllBe(letter => letter.EndBaseLine.X <= page.Width - 45 && letter.StartBaseLine.Y > 30);
        }

        var all = string.Concat(chinese.GetPages().Select(Text));
        foreach (var words in new[] { "按站点与工作空间", "云账户", "华为云", "由云账户支付的费用由云厂商（华为云）开具发票", "时间线", "生产环境一号龘", "ACME", "Asia/Shanghai", "CNY", cloud.AccountId! })
        {
            all.ShouldContain(words);
        }

        Text(english.GetPage(1)).ShouldContain("Monthly bill");
        Text(english.GetPage(1)).ShouldContain($"Page 1 of {english.NumberOfPages}");
        // Amounts end on one edge, whatever their length.
        english.GetPages().SelectMany(page => page.GetWords()).Where(word => word.Text.EndsWith(".00", StringComparison.Ordinal) && word.BoundingBox.Right > 500)
            .Select(word => word.Letters[^1].EndBaseLine.X).ShouldAllBe(right => Math.Abs(right - 545.28) < 0.5);
        (await customer.Browser.BytesAsync("/api/bills/monthly/2025-03.pdf")).Length.ShouldBeLessThan(200_000);
    }

    [Theory]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", "月度账单")]
    [InlineData("fr, en;q=0.5, zh;q=0.4", "Monthly bill")]
    [InlineData("de", "Monthly bill")]
    public async Task The_pdf_is_in_the_language_that_the_reader_prefers(string accepted, string title)
    {
        var customer = await Center.CustomerAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/bills/monthly/2025-03.pdf");
        request.Headers.TryAddWithoutValidation("Accept-Language", accepted);
        using var answer = await customer.Browser.SendAsync(request);
        using var pdf = PdfDocument.Open(await answer.Content.ReadAsByteArrayAsync());
        Text(pdf.GetPage(1)).ShouldContain(title);
    }

    private async Task<Customer> ManyWorkspacesAsync(CloudSubscriptionFacts cloud, int count)
    {
        var customer = await Center.CustomerAsync();
        await Center.IssueVoucherAsync(customer.Account, "ordinary", "50");
        await documents.RenameAsync(customer.Workspace, "生产环境一号龘");
        await documents.BillAsync(customer, "2025-03-01", Line.Series(6_000_000), Line.Logs(2_000_000_000), Line.Sms(10), Line.Logs(-5_000_000, adjusts: "2025-02-27"));
        for (var i = 0; i < count; i++)
        {
            await documents.BillAsync(
                customer, Ids.Deterministic<WorkspaceId>("many", $"{cloud.InstanceId}-{i}"), BillingCenter.Za1, "2025-03-02", Line.Series(10_000 * (i + 1), cloud.Payer()), Line.Logs(1_000_000, cloud.Payer()));
        }

        return customer;
    }

    private static string Amount(JsonNode? money) => (string)money!["amount"]!;

    private static string[] Of(JsonNode node, string list, Func<JsonNode, string> text) => [.. node[list]!.AsArray().Select(row => text(row!))];

    private static string Text(Page page) => ContentOrderTextExtractor.GetText(page);
}
