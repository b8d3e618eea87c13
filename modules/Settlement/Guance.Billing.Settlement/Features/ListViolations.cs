using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class ListViolationsHandler(NpgsqlDataSource dataSource) : IQueryHandler<ListViolations, Page<ViolationView>>
{
    private const int LimitMax = 500;

    public async Task<Page<ViolationView>> Handle(ListViolations request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "violations");
        await using var read = dataSource.CreateCommand(
            """
            select id, check_name, account_id, workspace, day, what, trim_scale(expected), trim_scale(found), repair, found_at, resolved_at
            from settlement.violation where id > $1 and ($2 or resolved_at is null) order by id limit $3
            """);
        read.Parameters.Add(new() { Value = request.Cursor ?? "" });
        read.Parameters.Add(new() { Value = request.Resolved });
        read.Parameters.Add(new() { Value = request.Limit + 1 });
        await using var rows = await read.ExecuteReaderAsync(cancellationToken);
        var violations = new List<ViolationView>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var (expected, found) = (Number(rows, 6), Number(rows, 7));
            violations.Add(new(
                rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.IsDBNull(3) ? null : ChargeIds.Workspace(rows.GetGuid(3)),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<DateOnly>(4), rows.GetString(5), expected, found, found - expected, rows.GetString(8),
                rows.GetFieldValue<DateTimeOffset>(9), rows.IsDBNull(10) ? null : rows.GetFieldValue<DateTimeOffset>(10)));
        }

        return new([.. violations.Take(request.Limit)], violations.Count > request.Limit ? violations[request.Limit - 1].Id : null);
    }

    private static decimal? Number(NpgsqlDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetDecimal(column);
}

internal static class ListViolationsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/violations", async (
            IRequestHandler<ListViolations, Page<ViolationView>> list, CancellationToken ct, bool resolved = false, int limit = 100, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(resolved, limit, cursor), ct)))
        .WithSummary("What must not be, and is: where, how much, and how to repair it; open ones, or with ?resolved=true also those that were repaired")
        .ForClients(Scopes.Operator)
        .Refuses("limit-invalid");
}
