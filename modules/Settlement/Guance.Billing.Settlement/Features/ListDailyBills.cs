using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.Features;

internal sealed class ListDailyBillsHandler(IQuerySession session, NpgsqlDataSource dataSource) : IQueryHandler<ListDailyBills, Page<DailyBill>>
{
    private const int LimitMax = 200;

    public async Task<Page<DailyBill>> Handle(ListDailyBills request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "bills");
        if (request.Workspace is { } wanted)
        {
            await session.GetWorkspaceAsync(wanted, request.Account, cancellationToken);
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var bills = await BillsAsync(connection, request, cancellationToken);
        var page = bills.Take(request.Limit).ToArray();
        var lines = await LinesAsync(connection, page, cancellationToken);
        var names = (await session.LoadManyAsync<WorkspaceSettlement>(cancellationToken, page.Select(bill => bill.WorkspaceId.Value).Distinct(StringComparer.Ordinal)))
            .ToDictionary(workspace => workspace.Id, workspace => workspace.Name, StringComparer.Ordinal);
        return new([.. page.Select(bill => bill with { WorkspaceName = names[bill.WorkspaceId.Value], Lines = [.. lines[bill.Id]] })], bills.Count > request.Limit ? page[^1].Id : null);
    }

    private static async Task<IReadOnlyList<DailyBill>> BillsAsync(NpgsqlConnection connection, ListDailyBills asked, CancellationToken ct)
    {
        var (than, direction) = asked.NewestFirst ? ("<", "desc") : (">", "");
        var conditions = new List<string> { "day between @from and @to", $"day {than}= @after_day", $"(day, workspace) {than} (@after_day, @after_workspace)" };
        var after = Cursor(asked.Cursor) ?? (asked.NewestFirst ? (DateOnly.MaxValue, Guid.AllBitsSet) : (DateOnly.MinValue, Guid.Empty));
        await using var read = new NpgsqlCommand { Connection = connection };
        read.Parameters.AddWithValue("from", asked.From ?? DateOnly.MinValue);
        read.Parameters.AddWithValue("to", asked.To ?? DateOnly.MaxValue);
        read.Parameters.AddWithValue("after_day", after.Day);
        read.Parameters.AddWithValue("after_workspace", after.Workspace);
        read.Parameters.AddWithValue("count", asked.Limit + 1);
        if (asked.Account is { } only)
        {
            conditions.Add("account_id = @account");
            read.Parameters.AddWithValue("account", only.Value);
        }

        if (asked.Workspace is { } wanted)
        {
            conditions.Add("workspace = @workspace");
            read.Parameters.AddWithValue("workspace", wanted.Uuid());
        }

        read.CommandText = $"""
            select day, workspace, account_id, site, total, currency, closed_at from settlement.bill
            where {string.Join(" and ", conditions)} order by day {direction}, workspace {direction} limit @count
            """;
        await using var rows = await read.ExecuteReaderAsync(ct);
        var bills = new List<DailyBill>();
        while (await rows.ReadAsync(ct))
        {
            var (day, uuid) = (rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1));
            bills.Add(new(
                ChargeIds.Bill(day, uuid), day, ChargeIds.Workspace(uuid), "", BillingAccountId.Of(rows.GetString(2)), SiteCode.Of(rows.GetString(3)),
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

    private static (DateOnly Day, Guid Workspace)? Cursor(string? cursor) => cursor is null
        ? null
        : cursor.Split('_') is ["bill", var day, var workspace]
            && DateOnly.TryParseExact(day, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && Guid.TryParseExact(workspace, "N", out var uuid)
        ? (date, uuid)
        : throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
}

internal static class ListDailyBillsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/bills/daily", async (
            IRequestHandler<ListDailyBills, Page<DailyBill>> list, ICallers callers, CancellationToken ct,
            WorkspaceId? workspaceId = null, DateOnly? from = null, DateOnly? to = null, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(callers.Current.OnlyAccount(), workspaceId, from, to, NewestFirst: false, limit, cursor), ct)))
        .WithSummary("Daily bills with their lines, oldest first; clients see all accounts'")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "cursor-invalid", "workspace-unknown");
}
