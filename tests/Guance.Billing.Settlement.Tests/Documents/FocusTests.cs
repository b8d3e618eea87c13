using System.Globalization;
using System.Text.RegularExpressions;
using Guance.Billing.Settlement.Documents;
using Guance.Billing.Settlement.Tests.Features;

namespace Guance.Billing.Settlement.Tests.Documents;

/// <summary>The rules of FOCUS 1.2, column by column.</summary>
[Collection(nameof(DocumentsCenter))]
public sealed partial class FocusTests(DocumentsCenter documents)
{
    private static readonly string[] Mandatory =
    [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
        "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit",
        "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
    ];

    private static readonly string[] NeverNull =
    [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeDescription", "ChargeFrequency",
        "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "ProviderName", "PublisherName", "RegionId", "RegionName",
        "ServiceCategory", "ServiceName", "ServiceSubcategory", "SubAccountId", "SubAccountName",
    ];

    // Must be given of usage (these rows are no corrections, or corrections that have them all the same), and of nothing else here.
    private static readonly string[] OfUsage =
        ["ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "SkuId", "SkuMeter", "SkuPriceId"];

    private static readonly string[] Numbers =
        ["BilledCost", "ConsumedQuantity", "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "ListCost", "ListUnitPrice", "PricingQuantity"];

    [Fact]
    public async Task Every_column_keeps_the_rules_of_the_specification()
    {
        var rows = await RowsAsync();

        FocusCsv.Columns.ShouldBe(FocusCsv.Columns.OrderBy(column => column.StartsWith("x_", StringComparison.Ordinal)).ThenBy(column => column, StringComparer.Ordinal));
        FocusCsv.Columns.ShouldAllBe(column => ColumnId().IsMatch(column));
        Mandatory.Except(FocusCsv.Columns).ShouldBeEmpty();
        rows.Count.ShouldBe(7);
        foreach (var row in rows)
        {
            NeverNull.Where(column => row[column].Trim() == "").ShouldBeEmpty();
            OfUsage.Where(column => (row[column] != "") != (row["ChargeCategory"] == "Usage")).ShouldBeEmpty();
            Numbers.Where(column => row[column] != "" && !NumericFormat().IsMatch(row[column])).ShouldBeEmpty();
            FocusCsv.Columns.Where(column => (column.EndsWith("Start", StringComparison.Ordinal) || column.EndsWith("End", StringComparison.Ordinal)) && !DateTimeFormat().IsMatch(row[column])).ShouldBeEmpty();
            row["BillingCurrency"].ShouldBe("CNY");
            row["ChargeCategory"].ShouldBeOneOf("Usage", "Credit");
            row["ChargeClass"].ShouldBeOneOf("", "Correction");
            row["ChargeFrequency"].ShouldBeOneOf("Usage-Based", "One-Time");
            (row["ServiceCategory"], row["ServiceSubcategory"]).ShouldBe(("Management and Governance", "Observability"));
            (row["BillingPeriodStart"], row["BillingPeriodEnd"]).ShouldBe(("2025-02-28T16:00:00Z", "2025-03-31T16:00:00Z"));
            Instant(row["ChargePeriodEnd"]).ShouldBe(Instant(row["ChargePeriodStart"]).AddDays(1));
            if (row["ChargeCategory"] == "Usage")
            {
                (Number(row, "ListUnitPrice") * Number(row, "PricingQuantity")).ShouldBe(Number(row, "ListCost"), 0.000000001m);
                (Number(row, "ContractedUnitPrice") * Number(row, "PricingQuantity")).ShouldBe(Number(row, "ContractedCost"), 0.000000001m);
                UnitFormat().IsMatch(row["PricingUnit"]).ShouldBeTrue(row["PricingUnit"]);
                UnitFormat().IsMatch(row["ConsumedUnit"]).ShouldBeTrue(row["ConsumedUnit"]);
            }
        }
    }

    [Fact]
    public async Task Costs_are_the_bills_and_what_a_cloud_vendor_receives_is_not_billed_here()
    {
        var rows = await RowsAsync();

        rows.Select(row => $"{row["ChargeCategory"]} {row["ChargeClass"]} {row["InvoiceIssuerName"]} {row["BilledCost"]} {row["EffectiveCost"]} {row["ListCost"]}").ShouldBe(
        [
            "Usage  Guance 3.6 3.6 3.6",
            "Usage  Guance 2 2 2.0004",
            "Usage Correction Guance -0.6 -0.6 -0.6",
            "Usage  Huawei Cloud 0 2.4 2.4",
            "Usage  Guance -0.12 -0.12 -0.12",
            "Credit  Guance -5 -5 -5",
            "Credit  Huawei Cloud 0 -1 -1",
        ]);
        rows.Where(row => row["ChargeClass"] == "Correction").Select(row => row["ChargePeriodStart"]).ShouldBe(["2025-02-26T16:00:00Z"]);
        rows[4]["ChargePeriodStart"].ShouldBe("2025-02-28T16:00:00Z");
    }

    [Fact]
    public async Task A_row_names_site_workspace_item_price_and_quantity()
    {
        var row = (await RowsAsync())[0];

        string.Join(" | ", new[] { "RegionId", "RegionName", "SkuId", "SkuPriceId", "SkuPriceDetails", "PricingQuantity", "PricingUnit", "ConsumedQuantity", "ConsumedUnit", "ChargeDescription", "SubAccountName" }
            .Select(column => row[column])).ShouldBe(
            "cn4 | China 4 (Guangzhou) | time-series | time-series/3/CNY/china/v1 | {\"x_RetentionDays\":3} | 6 | 1000 Series-Days | 6000 | Series-Days | Time series, 3 days of retention | '@production");
    }

    /// <summary>Two vouchers' worth of 6 against 5.00 at the Billing Center (SMS excluded) and 2.40 at the cloud on one day.</summary>
    private async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> RowsAsync()
    {
        var cloud = documents.Center.Market.Buy();
        var customer = await documents.Center.CustomerAsync();
        await documents.RenameAsync(customer.Workspace, "@production");
        await documents.Center.IssueVoucherAsync(customer.Account, "ordinary", "6");
        await documents.BillAsync(
            customer, "2025-03-02", Line.Series(6_000), Line.Logs(1_667_000), Line.Logs(-500_000, adjusts: "2025-02-27"), Line.Logs(2_000_000, cloud.Payer()));
        await documents.BillAsync(customer, "2025-03-03", Line.Logs(-100_000, adjusts: "2025-03-01"));
        return await customer.Browser.CsvAsync("/api/bills/focus/2025-03.csv");
    }

    private static decimal Number(IReadOnlyDictionary<string, string> row, string column) => decimal.Parse(row[column], CultureInfo.InvariantCulture);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(x_)?([A-Z][a-z0-9]+)+$")]
    private static partial Regex ColumnId();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$")]
    private static partial Regex NumericFormat();

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
    private static partial Regex DateTimeFormat();

    [GeneratedRegex("^([0-9]+ )?(GB|[A-Z][a-z]*s|[A-Z][A-Za-z]*-Days)( [A-Z][a-z]*s)?$")]
    private static partial Regex UnitFormat();
}
