using System.Runtime.CompilerServices;
using Npgsql;

namespace Guance.Billing.Settlement.Documents;

/// <summary>A line of a daily bill, with what documents say beside it.</summary>
internal sealed record BilledLine(
    DateOnly Day, Guid Workspace, int Number, string Site, string? WorkspaceName, string Item, int RetentionDays, string Payer, DateOnly? AdjustsDay,
    decimal Quantity, long ShareNumerator, long ShareDenominator, decimal UnitQuantity, decimal Price, int PriceVersion,
    decimal Exact, decimal CarryIn, decimal Amount, decimal CarryOut, string Currency)
{
    public string BillId => ChargeIds.Bill(Day, Workspace);

    public string LineId => ChargeIds.Line(Day, Workspace, Number);

    public string WorkspaceId => ChargeIds.Workspace(Workspace).Value;

    /// <summary>The lines of an account's bills in order of day and workspace, a row at a time.</summary>
    public static async IAsyncEnumerable<BilledLine> ReadAsync(
        NpgsqlConnection connection, BillingAccountId account, DateOnly from, DateOnly to, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(
            """
            select l.day, l.workspace, l.line_no, b.site, d.data ->> 'name', l.item, l.retention_days, l.payer, l.adjusts_day,
                trim_scale(l.quantity), l.share_numerator, l.share_denominator, trim_scale(l.unit_quantity), trim_scale(l.price), l.price_version,
                trim_scale(l.exact), trim_scale(l.carry_in), l.amount, trim_scale(l.carry_out), b.currency
            from settlement.bill b
            join settlement.bill_line l on l.day = b.day and l.workspace = b.workspace
            left join settlement.mt_doc_workspacesettlement d on d.id = 'wksp_' || replace(b.workspace::text, '-', '')
            where b.account_id = $1 and b.day between $2 and $3
            order by b.day, b.workspace, l.line_no
            """,
            connection);
        read.Parameters.Add(new() { Value = account.Value });
        read.Parameters.Add(new() { Value = from });
        read.Parameters.Add(new() { Value = to });
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            yield return new(
                rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1), rows.GetInt32(2), rows.GetString(3), rows.IsDBNull(4) ? null : rows.GetString(4), rows.GetString(5),
                rows.GetInt32(6), rows.GetString(7), rows.IsDBNull(8) ? null : rows.GetFieldValue<DateOnly>(8), rows.GetDecimal(9), rows.GetInt64(10), rows.GetInt64(11),
                rows.GetDecimal(12), rows.GetDecimal(13), rows.GetInt32(14), rows.GetDecimal(15), rows.GetDecimal(16), rows.GetDecimal(17), rows.GetDecimal(18), rows.GetString(19));
        }
    }
}
