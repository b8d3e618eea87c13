using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

/// <summary>Something that must not be (rules §9): what, where, and how to repair it.</summary>
/// <param name="Id">Stays the same for as long as the same thing is wrong.</param>
/// <param name="Check">The invariant.</param>
/// <param name="BillingAccountId">The account for which billing has stopped; null where it is nobody's.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Date">The billing day.</param>
/// <param name="What">In words.</param>
/// <param name="Expected">The right figure, where there is one.</param>
/// <param name="Found">The figure that is there.</param>
/// <param name="Difference">What is there less what is right.</param>
/// <param name="Repair">What to do.</param>
/// <param name="FoundAt">Since when it is known.</param>
/// <param name="ResolvedAt">When the checks found it no more.</param>
internal sealed record ViolationView(
    string Id, string Check, string? BillingAccountId, WorkspaceId? WorkspaceId, DateOnly? Date, string What, decimal? Expected, decimal? Found, decimal? Difference,
    string Repair, DateTimeOffset FoundAt, DateTimeOffset? ResolvedAt);

internal static class ListViolationsEndpoint
{
    private const int LimitMax = 500;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/violations", async (NpgsqlDataSource dataSource, CancellationToken ct, bool resolved = false, int limit = 100, string? cursor = null) =>
        {
            PageSize.Check(limit, LimitMax, "violations");

            await using var read = dataSource.CreateCommand(
                """
                select id, check_name, account_id, workspace, day, what, trim_scale(expected), trim_scale(found), repair, found_at, resolved_at
                from settlement.violation where id > $1 and ($2 or resolved_at is null) order by id limit $3
                """);
            read.Parameters.Add(new() { Value = cursor ?? "" });
            read.Parameters.Add(new() { Value = resolved });
            read.Parameters.Add(new() { Value = limit + 1 });
            await using var rows = await read.ExecuteReaderAsync(ct);
            var violations = new List<ViolationView>();
            while (await rows.ReadAsync(ct))
            {
                var (expected, found) = (Number(rows, 6), Number(rows, 7));
                violations.Add(new(
                    rows.GetString(0), rows.GetString(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.IsDBNull(3) ? null : ChargeIds.Workspace(rows.GetGuid(3)),
                    rows.IsDBNull(4) ? null : rows.GetFieldValue<DateOnly>(4), rows.GetString(5), expected, found, found - expected, rows.GetString(8),
                    rows.GetFieldValue<DateTimeOffset>(9), rows.IsDBNull(10) ? null : rows.GetFieldValue<DateTimeOffset>(10)));
            }

            return TypedResults.Ok(new Page<ViolationView>([.. violations.Take(limit)], violations.Count > limit ? violations[limit - 1].Id : null));
        })
        .WithSummary("What must not be, and is: where, how much, and how to repair it; open ones, or with ?resolved=true also those that were repaired")
        .ForClients(Scopes.Operator)
        .Refuses("limit-invalid");

    private static decimal? Number(NpgsqlDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetDecimal(column);
}
