using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Platform.Audit;

/// <summary>What operators did at this deployment, newest first.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>, <c>cursor-invalid</c>.</remarks>
/// <param name="By">Only what this one did; null for all.</param>
/// <param name="What">Only acts of this name; null for all.</param>
/// <param name="Subject">Only those about this account, workspace, record or day; null for all.</param>
/// <param name="From">Only from this instant on; null for all.</param>
/// <param name="Before">Only before this instant; null for all.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListOperatorActs(
    string? By, string? What, string? Subject, DateTimeOffset? From, DateTimeOffset? Before, int Limit, string? Cursor) : IQuery<Page<OperatorActView>>;

/// <summary>What an operator did.</summary>
/// <param name="Id">Its number at this deployment; later ones are larger.</param>
/// <param name="At">When.</param>
/// <param name="By">Who: <c>client:ID</c>, or <c>anonymous</c> who tried to sign in as nobody that is known.</param>
/// <param name="What">Such as <c>credit-cash</c>, <c>sign-in</c> or <c>sign-in-refused</c>.</param>
/// <param name="Subject">The id of the account, workspace or record, or the day, that it was about.</param>
/// <param name="Said">What was said with it, such as an amount or a reason.</param>
public sealed record OperatorActView(long Id, DateTimeOffset At, string By, string What, string Subject, string? Said);

internal sealed class ListOperatorActsHandler(NpgsqlDataSource dataSource) : IQueryHandler<ListOperatorActs, Page<OperatorActView>>
{
    private const int LimitMax = 500;

    public async Task<Page<OperatorActView>> Handle(ListOperatorActs request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "acts");
        var below = long.MaxValue;
        if (request.Cursor is { } cursor && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out below))
        {
            throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
        }

        await using var read = dataSource.Command(
            """
            select id, at, by, what, subject, said from platform.operator_act
            where id < $1 and ($2::text is null or by = $2) and ($3::text is null or what = $3) and ($4::text is null or subject = $4)
                and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
            order by id desc limit $7
            """,
            below, request.By, request.What, request.Subject, request.From?.ToUniversalTime(), request.Before?.ToUniversalTime(), request.Limit + 1);
        var acts = await read.ReadAsync(
            row => new OperatorActView(row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.TextOrNull(5)),
            cancellationToken);
        return new([.. acts.Take(request.Limit)], acts.Count > request.Limit ? acts[request.Limit - 1].Id.ToString(CultureInfo.InvariantCulture) : null);
    }
}

internal static class ListOperatorActsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/audit", async (
            IRequestHandler<ListOperatorActs, Page<OperatorActView>> list, CancellationToken ct, string? by = null, string? what = null, string? subject = null,
            DateTimeOffset? from = null, DateTimeOffset? before = null, int limit = 100, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(by, what, subject, from, before, limit, cursor), ct)))
        .WithSummary("What operators did at this deployment, and who signed in or tried to, newest first")
        .WithTags("Operator")
        .ForClients(Scopes.Operator)
        .Refuses("limit-invalid", "cursor-invalid");
}
