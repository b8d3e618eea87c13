using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.ReadModels;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.Features;

/// <summary>A workspace's bill of a day.</summary>
internal sealed record DailyBill(
    string Id, DateOnly Date, WorkspaceId WorkspaceId, BillingAccountId BillingAccountId, SiteCode Site, Money Total, DateTimeOffset ClosedAt, IReadOnlyList<BillLineView> Lines);

/// <summary>A line of a bill.</summary>
/// <param name="Id">By which the charge is explained.</param>
/// <param name="Item">The item.</param>
/// <param name="RetentionDays">The retention, where it is priced by it.</param>
/// <param name="Quantity">In the item's unit; of an adjustment, what it adds.</param>
/// <param name="UnitQuantity">The price is for so many, per day.</param>
/// <param name="Price">The price.</param>
/// <param name="Amount">What the line charges; negative where a correction gives back.</param>
/// <param name="Payer">Who pays.</param>
/// <param name="AdjustsDate">The earlier day whose charge it corrects.</param>
internal sealed record BillLineView(
    string Id, string Item, int? RetentionDays, decimal Quantity, decimal UnitQuantity, Money Price, Money Amount, string Payer, DateOnly? AdjustsDate);

internal static class ListDailyBillsEndpoint
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/bills/daily", async (
            IQuerySession session, NpgsqlDataSource dataSource, ICallers callers, CancellationToken ct,
            WorkspaceId? workspaceId = null, DateOnly? from = null, DateOnly? to = null, int limit = 50, string? cursor = null) =>
        {
            PageSize.Check(limit, LimitMax, "bills");

            var account = callers.Current.OnlyAccount();
            if (workspaceId is { } wanted)
            {
                await session.GetWorkspaceAsync(wanted, account, ct);
            }

            await using var connection = await dataSource.OpenConnectionAsync(ct);
            var bills = await BillsAsync(connection, account, workspaceId, from ?? DateOnly.MinValue, to ?? DateOnly.MaxValue, Cursor(cursor), limit + 1, ct);
            var page = bills.Take(limit).ToArray();
            var lines = await LinesAsync(connection, page, ct);
            return TypedResults.Ok(new Page<DailyBill>(
                [.. page.Select(bill => bill with { Lines = [.. lines[bill.Id]] })], bills.Count > limit ? page[^1].Id : null));
        })
        .WithSummary("Daily bills with their lines, oldest first; clients see all accounts'")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "cursor-invalid", "workspace-unknown");

    private static async Task<IReadOnlyList<DailyBill>> BillsAsync(
        NpgsqlConnection connection, BillingAccountId? account, WorkspaceId? workspace, DateOnly from, DateOnly to, (DateOnly Day, Guid Workspace) after, int count, CancellationToken ct)
    {
        var conditions = new List<string> { "day between @from and @to", "day >= @after_day", "(day, workspace) > (@after_day, @after_workspace)" };
        await using var read = new NpgsqlCommand { Connection = connection };
        read.Parameters.AddWithValue("from", from);
        read.Parameters.AddWithValue("to", to);
        read.Parameters.AddWithValue("after_day", after.Day);
        read.Parameters.AddWithValue("after_workspace", after.Workspace);
        read.Parameters.AddWithValue("count", count);
        if (account is { } only)
        {
            conditions.Add("account_id = @account");
            read.Parameters.AddWithValue("account", only.Value);
        }

        if (workspace is { } wanted)
        {
            conditions.Add("workspace = @workspace");
            read.Parameters.AddWithValue("workspace", wanted.Uuid());
        }

        read.CommandText = $"""
            select day, workspace, account_id, site, total, currency, closed_at from settlement.bill
            where {string.Join(" and ", conditions)} order by day, workspace limit @count
            """;
        await using var rows = await read.ExecuteReaderAsync(ct);
        var bills = new List<DailyBill>();
        while (await rows.ReadAsync(ct))
        {
            var (day, uuid) = (rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1));
            bills.Add(new(
                ChargeIds.Bill(day, uuid), day, ChargeIds.Workspace(uuid), BillingAccountId.Of(rows.GetString(2)), SiteCode.Of(rows.GetString(3)),
                new(rows.GetDecimal(4), Currency.Of(rows.GetString(5))), rows.GetFieldValue<DateTimeOffset>(6), []));
        }

        return bills;
    }

    private static async Task<ILookup<string, BillLineView>> LinesAsync(NpgsqlConnection connection, IReadOnlyList<DailyBill> bills, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(
            """
            select l.day, l.workspace, l.line_no, l.item, l.retention_days, trim_scale(l.quantity), trim_scale(l.unit_quantity), trim_scale(l.price), l.amount, l.payer, l.adjusts_day
            from unnest(@day, @workspace) b(day, workspace) join settlement.bill_line l on l.day = b.day and l.workspace = b.workspace
            order by l.day, l.workspace, l.line_no
            """,
            connection);
        read.Parameters.AddWithValue("day", bills.Select(bill => bill.Date).ToArray());
        read.Parameters.AddWithValue("workspace", NpgsqlDbType.Array | NpgsqlDbType.Uuid, bills.Select(bill => bill.WorkspaceId.Uuid()).ToArray());
        var currencies = bills.ToDictionary(bill => bill.Id, bill => bill.Total.Currency, StringComparer.Ordinal);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var lines = new List<(string Bill, BillLineView Line)>();
        while (await rows.ReadAsync(ct))
        {
            var (day, workspace) = (rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1));
            var bill = ChargeIds.Bill(day, workspace);
            lines.Add((bill, new(
                ChargeIds.Line(day, workspace, rows.GetInt32(2)), rows.GetString(3), rows.GetInt32(4) is > 0 and var retention ? retention : null, rows.GetDecimal(5),
                rows.GetDecimal(6), new(rows.GetDecimal(7), currencies[bill]), new(rows.GetDecimal(8), currencies[bill]), rows.GetString(9),
                rows.IsDBNull(10) ? null : rows.GetFieldValue<DateOnly>(10))));
        }

        return lines.ToLookup(line => line.Bill, line => line.Line, StringComparer.Ordinal);
    }

    private static (DateOnly Day, Guid Workspace) Cursor(string? cursor) => cursor is null
        ? (DateOnly.MinValue, Guid.Empty)
        : cursor.Split('_') is ["bill", var day, var workspace]
            && DateOnly.TryParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && Guid.TryParseExact(workspace, "N", out var uuid)
        ? (date, uuid)
        : throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
}
