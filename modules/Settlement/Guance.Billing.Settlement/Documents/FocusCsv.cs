using System.Globalization;
using System.Text.Json;
using Guance.Billing.Platform.Data;
using Guance.Billing.Settlement.Domain;
using Npgsql;

namespace Guance.Billing.Settlement.Documents;

/// <summary>
/// A month's charges as FOCUS 1.2 (FinOps Open Cost and Usage Specification): a row for each line of a daily bill (Usage), and one for what vouchers paid
/// of a bill (Credit). All mandatory columns, and the conditional ones that apply here; own ones begin with <c>x_</c>.
/// </summary>
/// <remarks>
/// Prices are list prices, so list and contracted costs are the same: the exact charge. The effective cost is the bill's amount, in which rounding is carried
/// from day to day. What a cloud account pays goes to the cloud's market, which invoices it: its billed cost is 0 here, as the specification wants of
/// payments that a third party receives.
/// </remarks>
internal sealed class FocusCsv(HeldConnections connections, BillingDays days, Regions regions, SiteNames sites)
{
    public static readonly IReadOnlyList<string> Columns =
    [
        "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
        "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice",
        "EffectiveCost", "InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
        "RegionId", "RegionName", "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId",
        "SubAccountName", "x_BillId", "x_BillLineId", "x_Payer",
    ];

    private const string Guance = "Guance";
    private const int QuantityDecimals = 12;

    public async Task WriteAsync(Stream body, BillingAccount account, BillingMonth month, CancellationToken ct)
    {
        var id = BillingAccountId.Of(account.Id);
        await using var connection = await connections.Source.OpenConnectionAsync(ct);
        var units = await PricedUnit.AllAsync(connection, ct);
        await using var csv = new Csv(body, forPeople: false);
        await csv.RowAsync(Columns, ct);
        await foreach (var line in BilledLine.ReadAsync(connection, id, month.First, month.Last, ct))
        {
            await csv.RowAsync(Ordered(Usage(account, month, line, units.GetValueOrDefault(line.Item) ?? new("unit", false))), ct);
        }

        await using var credits = OfVouchers(connection, id, month);
        await using var rows = await credits.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var used = new VoucherUse(
                rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), await rows.IsDBNullAsync(5, ct) ? null : rows.GetString(5),
                rows.GetDecimal(6), rows.GetDecimal(7), rows.GetDecimal(8), await rows.IsDBNullAsync(9, ct) ? null : rows.GetString(9));
            // Vouchers pay the Billing Center's part first, as the wallet does.
            var ofCenter = Math.Min(used.Amount, Math.Clamp(used.Eligible, 0, Math.Max(used.Total, 0)));
            if (ofCenter > 0)
            {
                await csv.RowAsync(Ordered(Credit(account, month, used, SettlementMethod.BillingCenter.Value, ofCenter)), ct);
            }

            if (used.Amount > ofCenter)
            {
                await csv.RowAsync(Ordered(Credit(account, month, used, used.CloudPayer!, used.Amount - ofCenter)), ct);
            }
        }
    }

    private Dictionary<string, string?> Usage(BillingAccount account, BillingMonth month, BilledLine line, PricedUnit unit)
    {
        var usageDay = line.AdjustsDay ?? line.Day;
        var shared = line.Quantity * line.ShareNumerator / line.ShareDenominator;
        // An adjustment can change the price or the share alone: the quantity that is priced is the one that the exact charge stands for.
        var priced = line.Price == 0 ? shared / line.UnitQuantity : line.Exact / line.Price;
        var what = MonthlyBillTexts.Say("en", line.Item) + (line.RetentionDays > 0 ? $", {line.RetentionDays} days of retention" : "");
        var row = Common(account, month, line.Currency, line.Site, line.WorkspaceId, line.WorkspaceName, line.Payer, usageDay, line.BillId);
        row["BilledCost"] = Payers.IsCloud(line.Payer) ? "0" : Csv.Number(line.Amount);
        row["ChargeCategory"] = "Usage";
        // Of this period's own days a correction is no "Correction": the specification means periods that were invoiced.
        row["ChargeClass"] = usageDay < month.First ? "Correction" : null;
        row["ChargeDescription"] = line.AdjustsDay is { } adjusts ? $"{what}: adjustment of {Csv.Date(adjusts)}" : what;
        row["ChargeFrequency"] = "Usage-Based";
        row["ConsumedQuantity"] = Csv.Number(decimal.Round(shared, QuantityDecimals));
        row["ConsumedUnit"] = Unit(unit, 1);
        row["ContractedCost"] = row["ListCost"] = Csv.Number(line.Exact);
        row["ContractedUnitPrice"] = row["ListUnitPrice"] = Csv.Number(line.Price);
        row["EffectiveCost"] = Csv.Number(line.Amount);
        row["PricingCategory"] = "Standard";
        row["PricingQuantity"] = Csv.Number(decimal.Round(priced, QuantityDecimals));
        row["PricingUnit"] = Unit(unit, line.UnitQuantity);
        row["SkuId"] = line.Item;
        row["SkuMeter"] = MonthlyBillTexts.Say("en", line.Item);
        row["SkuPriceId"] = string.Create(CultureInfo.InvariantCulture, $"{line.Item}/{line.RetentionDays}/{line.Currency}/{regions.Of(SiteCode.Of(line.Site))}/v{line.PriceVersion}");
        row["SkuPriceDetails"] = line.RetentionDays > 0 ? JsonSerializer.Serialize(new { x_RetentionDays = line.RetentionDays }) : null;
        row["x_BillLineId"] = line.LineId;
        return row;
    }

    private Dictionary<string, string?> Credit(BillingAccount account, BillingMonth month, VoucherUse used, string payer, decimal amount)
    {
        var row = Common(
            account, month, used.Currency, used.Site, ChargeIds.Workspace(used.Workspace).Value, used.WorkspaceName, payer, used.Day, used.BillId);
        row["BilledCost"] = Payers.IsCloud(payer) ? "0" : Csv.Number(-amount);
        row["ChargeCategory"] = "Credit";
        row["ChargeDescription"] = $"Vouchers used for the bill of {Csv.Date(used.Day)}";
        row["ChargeFrequency"] = "One-Time";
        row["ContractedCost"] = row["EffectiveCost"] = row["ListCost"] = Csv.Number(-amount);
        return row;
    }

    private Dictionary<string, string?> Common(
        BillingAccount account, BillingMonth month, string currency, string site, string workspaceId, string? workspaceName, string payer, DateOnly day, string billId) =>
        new(StringComparer.Ordinal)
        {
            ["BillingAccountId"] = account.Id,
            ["BillingAccountName"] = Csv.Name(account.CompanyName),
            ["BillingCurrency"] = currency,
            ["BillingPeriodStart"] = Csv.Instant(days.Begin(month.First)),
            ["BillingPeriodEnd"] = Csv.Instant(days.End(month.Last)),
            ["ChargePeriodStart"] = Csv.Instant(days.Begin(day)),
            ["ChargePeriodEnd"] = Csv.Instant(days.End(day)),
            ["InvoiceIssuerName"] = Payers.Provider(payer) is { } provider ? MonthlyBillTexts.Say("en", provider) : Guance,
            ["ProviderName"] = Guance,
            ["PublisherName"] = Guance,
            ["RegionId"] = site,
            ["RegionName"] = sites.Of(site),
            ["ServiceCategory"] = "Management and Governance",
            ["ServiceName"] = Guance,
            ["ServiceSubcategory"] = "Observability",
            ["SubAccountId"] = workspaceId,
            ["SubAccountName"] = Csv.Name(workspaceName ?? workspaceId),
            ["x_BillId"] = billId,
            ["x_Payer"] = payer,
        };

    private static string?[] Ordered(Dictionary<string, string?> row) => [.. Columns.Select(row.GetValueOrDefault)];

    /// <summary>FOCUS's unit format: plural, capitalised; what is kept or held for a day is counted in days of it.</summary>
    private static string Unit(PricedUnit unit, decimal quantity)
    {
        var name = string.Join(' ', unit.Unit.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        var form = unit.IsGauge ? $"{name}-Days" : name is "GB" || name.EndsWith('s') ? name : name + "s";
        return quantity == 1 ? form : $"{Csv.Number(quantity)} {form}";
    }

    private NpgsqlCommand OfVouchers(NpgsqlConnection connection, BillingAccountId account, BillingMonth month)
    {
        var read = new NpgsqlCommand(
            """
            select e.day, b.workspace, e.reference, b.site, b.currency, d.data ->> 'name', e.amount, l.eligible, l.total, l.cloud_payer
            from (
                select day, reference, (select -sum(p.amount) from unnest(ledgers, amounts) p(ledger, amount) where p.ledger like 'voucher:%') as amount
                from settlement.journal_entry
                where account_id = @account and at >= @begin and day between @first and @last and kind = 'usage-charged') e
            join settlement.bill b on b.day = e.day and b.workspace = right(e.reference, 32)::uuid
            left join settlement.mt_doc_workspacesettlement d on d.id = 'wksp_' || right(e.reference, 32)
            cross join lateral (
                select coalesce(sum(amount) filter (where payer = 'billing-center' and item <> all (@excluded)), 0) as eligible,
                    coalesce(sum(amount) filter (where payer = 'billing-center'), 0) as total, max(payer) filter (where payer <> 'billing-center') as cloud_payer
                from settlement.bill_line where day = b.day and workspace = b.workspace) l
            where e.amount > 0 order by e.day, b.workspace
            """,
            connection);
        read.Parameters.AddWithValue("account", account.Value);
        read.Parameters.AddWithValue("first", month.First);
        read.Parameters.AddWithValue("last", month.Last);
        // A day is charged after its end.
        read.Parameters.AddWithValue("begin", days.Begin(month.First));
        read.Parameters.AddWithValue("excluded", Rating.ExcludedFromVouchers);
        return read;
    }

    /// <summary>What vouchers paid of a bill, with what of it they could pay.</summary>
    private sealed record VoucherUse(
        DateOnly Day, Guid Workspace, string BillId, string Site, string Currency, string? WorkspaceName, decimal Amount, decimal Eligible, decimal Total, string? CloudPayer);
}
