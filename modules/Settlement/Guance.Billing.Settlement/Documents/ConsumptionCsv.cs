using System.Globalization;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Data;

namespace Guance.Billing.Settlement.Documents;

/// <summary>Consumption details for people: every line of an account's daily bills, by day, workspace, item, retention and payer.</summary>
internal sealed class ConsumptionCsv(HeldConnections connections, Deployment deployment)
{
    private static readonly string[] Columns =
    [
        "billing_day", "time_zone", "site", "workspace_id", "workspace_name", "item", "retention_days", "payer", "adjusts_day", "quantity", "unit", "payer_share",
        "unit_quantity", "unit_price", "price_version", "exact_charge", "carried_in", "amount", "carried_out", "currency", "bill_id", "line_id",
    ];

    public async Task WriteAsync(Stream body, BillingAccountId account, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using var connection = await connections.Source.OpenConnectionAsync(ct);
        var units = await PricedUnit.AllAsync(connection, ct);
        await using var csv = new Csv(body, forPeople: true);
        await csv.RowAsync(Columns, ct);
        await foreach (var line in BilledLine.ReadAsync(connection, account, from, to, ct))
        {
            await csv.RowAsync(
                [
                    Csv.Date(line.Day), deployment.TimeZone.Id, line.Site, line.WorkspaceId, Csv.Name(line.WorkspaceName ?? ""), line.Item,
                    line.RetentionDays > 0 ? line.RetentionDays.ToString(CultureInfo.InvariantCulture) : "", line.Payer,
                    line.AdjustsDay is { } adjusts ? Csv.Date(adjusts) : "", Csv.Number(line.Quantity), units.GetValueOrDefault(line.Item)?.Unit,
                    string.Create(CultureInfo.InvariantCulture, $"{line.ShareNumerator}/{line.ShareDenominator}"), Csv.Number(line.UnitQuantity), Csv.Number(line.Price),
                    line.PriceVersion.ToString(CultureInfo.InvariantCulture), Csv.Number(line.Exact), Csv.Number(line.CarryIn), Csv.Amount(line.Amount), Csv.Number(line.CarryOut),
                    line.Currency, line.BillId, line.LineId,
                ],
                ct);
        }
    }
}
