using System.Globalization;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Jobs;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class AskForDayCloseHandler(UnitOfWork work, BillingDays days, WantedDays wanted, ITicks ticks, TimeProvider clock) : ICommandHandler<AskForDayClose>
{
    public async Task<Unit> Handle(AskForDayClose request, CancellationToken cancellationToken)
    {
        // A wrong year would have every day since then closed, one by one.
        var earliest = days.Of(clock.GetUtcNow() - UsageAge.Max);
        if (request.Date < earliest)
        {
            throw BillingRefusal.InvalidField("date", "date-too-early",
                $"Give a day from {earliest.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} on: sites take no usage of earlier ones.");
        }

        if (days.End(request.Date) is var ends && clock.GetUtcNow() < ends)
        {
            throw BillingRefusal.Conflict("day-not-over",
                $"This day is not over. Ask again from {ends.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)} on.");
        }

        await using var read = work.Command("select min(day) from settlement.day_close");
        if (await read.ExecuteScalarAsync(cancellationToken) is DateOnly first && request.Date < first)
        {
            throw BillingRefusal.Conflict("day-before-first",
                $"Billing began with {first.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}. Usage of earlier days is charged by adjustment lines of later bills; there is nothing to close.");
        }

        if (request.InBackground)
        {
            work.AfterCommit(() =>
            {
                wanted.Want(request.Date);
                ticks.Poke(CloseDaysJob.Id);
            });
        }

        return Unit.Value;
    }
}

/// <summary>Reads the runs that close days, newest first.</summary>
internal sealed class SettlementRuns(NpgsqlDataSource dataSource, Deployment deployment)
{
    public async Task<IReadOnlyList<SettlementRun>> ReadAsync(DateOnly through, int count, CancellationToken ct)
    {
        await using var read = dataSource.CreateCommand(
            """
            select d.day, d.state, d.started_at, coalesce(l.workspaces, d.workspaces), coalesce(l.lines, d.lines), coalesce(l.total, d.total), d.rated_at, d.completed_at
            from settlement.day_close d
            left join lateral (
                select sum(workspaces)::bigint as workspaces, sum(lines)::bigint as lines, sum(total) as total
                from settlement.day_lane where day = d.day and d.state = 'rating') l on true
            where d.day <= $1 order by d.day desc limit $2
            """);
        read.Parameters.Add(new() { Value = through });
        read.Parameters.Add(new() { Value = count });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var runs = new List<SettlementRun>();
        while (await rows.ReadAsync(ct))
        {
            runs.Add(new(
                rows.GetFieldValue<DateOnly>(0), rows.GetString(1), rows.GetFieldValue<DateTimeOffset>(2), rows.GetInt64(3), rows.GetInt64(4),
                new(rows.GetDecimal(5), deployment.Currency), Time(rows, 6), Time(rows, 7)));
        }

        return runs;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);
}

internal sealed class ListSettlementRunsHandler(SettlementRuns runs) : IQueryHandler<ListSettlementRuns, Page<SettlementRun>>
{
    private const int LimitMax = 200;

    public async Task<Page<SettlementRun>> Handle(ListSettlementRuns request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "runs");
        var found = await runs.ReadAsync(request.Cursor?.AddDays(-1) ?? DateOnly.MaxValue, request.Limit + 1, cancellationToken);
        return new(
            [.. found.Take(request.Limit)], found.Count > request.Limit ? found[request.Limit - 1].Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null);
    }
}

internal static class SettlementRunsEndpoints
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(25);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/operator/settlement-runs", async Task<Results<Ok<SettlementRun>, Accepted<SettlementRun>>> (
                Body body, ICallers callers, IMediator mediator, DayCloses closes, ITicks ticks, SettlementRuns runs, CancellationToken ct) =>
            {
                var date = body.Date ?? throw BillingRefusal.InvalidField("date", "date-required", "Say which day to close, such as {\"date\": \"2026-11-24\"}.");
                await mediator.Send(new AskForDayClose(date, InBackground: false, callers.Current.By), ct);
                if (await closes.RunAsync(date, WaitMax, ct))
                {
                    return TypedResults.Ok((await runs.ReadAsync(date, 1, ct))[0]);
                }

                ticks.Poke(CloseDaysJob.Id);
                return TypedResults.Accepted("/api/operator/settlement-runs", await runs.ReadAsync(date, 1, ct) is [var going] ? going : null);
            })
            .WithSummary("Close a day that is over, and the missed days before it; again: the same run. 202 while it goes on in the background")
            .ForOperatorsTo<AskForDayClose>().Idempotent().Refuses("date-required", "date-too-early", "day-not-over", "day-before-first");
        endpoints.MapGet("/api/operator/settlement-runs", async (
                IRequestHandler<ListSettlementRuns, Page<SettlementRun>> list, CancellationToken ct, int limit = 50, DateOnly? cursor = null) =>
                TypedResults.Ok(await list.Handle(new(limit, cursor), ct)))
            .WithSummary("The runs that close days, with their progress, newest first").ForClients(Scopes.Operator).Refuses("limit-invalid");
    }

    internal sealed record Body(DateOnly? Date);
}
