using System.Globalization;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Workspaces.Features;

internal sealed class GetUsageHandler(IQuerySession session, NpgsqlDataSource dataSource, Deployment deployment) : IQueryHandler<GetUsage, Page<Used>>
{
    private const int LimitMax = 2000;
    private const int HoursMax = 31 * 24;
    private const int DaysMax = 400;

    public async Task<Page<Used>> Handle(GetUsage request, CancellationToken cancellationToken)
    {
        (await session.LoadAsync<Workspace>(request.WorkspaceId.Value, cancellationToken)).SeenBy(request.OwnerUserId);
        if (request.Limit is < 1 or > LimitMax)
        {
            throw BillingRefusal.InvalidField("limit", "limit-out-of-range", $"limit is a number from 1 to {LimitMax}.");
        }

        var isDays = request.Granularity switch
        {
            "hour" => false,
            "day" => true,
            _ => throw BillingRefusal.InvalidField("granularity", "granularity-unknown", "granularity is hour or day."),
        };
        var longest = isDays ? TimeSpan.FromDays(DaysMax) : TimeSpan.FromHours(HoursMax);
        if (request.To <= request.From || request.To - request.From > longest)
        {
            throw BillingRefusal.InvalidField(
                "to", "range-invalid", $"to is after from, by at most {longest.TotalDays:0} days when counted by the {request.Granularity}.");
        }

        return await ReadAsync(
            request.WorkspaceId, request.From, request.To, isDays ? deployment.TimeZone.Id : null, request.Limit, Cursor.Read(request.Cursor), cancellationToken);
    }

    private async Task<Page<Used>> ReadAsync(
        WorkspaceId id, DateTimeOffset from, DateTimeOffset to, string? timeZone, int limit, Cursor? after, CancellationToken ct)
    {
        await using var command = dataSource.CreateCommand(
            """
            select * from (
                select case when $4::text is null then hour else date_trunc('day', hour, $4) end as start, item, retention_days,
                    case when bool_or(is_gauge) then max(quantity) else sum(quantity) end, bool_or(is_gauge)
                from workspaces.usage_total where workspace = $1 and hour >= $2 and hour < $3
                group by 1, 2, 3
            ) used
            where $5::timestamptz is null or (start, item, retention_days) > ($5, $6::text, $7::int)
            order by start, item, retention_days limit $8
            """);
        foreach (var value in new[]
        {
            UsageTables.IdOf(id.Value), from.ToUniversalTime(), to.ToUniversalTime(), (object?)timeZone ?? DBNull.Value, (object?)after?.Start ?? DBNull.Value,
            (object?)after?.Item ?? DBNull.Value, (object?)after?.RetentionDays ?? DBNull.Value, limit + 1,
        })
        {
            command.Parameters.Add(new() { Value = value });
        }

        var items = new List<Used>();
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            items.Add(new(
                rows.GetFieldValue<DateTimeOffset>(0), rows.GetString(1), rows.GetInt32(2) is > 0 and var days ? days : null, rows.GetDecimal(3), rows.GetBoolean(4)));
        }

        return new([.. items.Take(limit)], items.Count > limit ? Cursor.Of(items[limit - 1]) : null);
    }

    private sealed record Cursor(DateTimeOffset Start, string Item, int RetentionDays)
    {
        public static string Of(Used last) =>
            string.Create(CultureInfo.InvariantCulture, $"{last.From.ToUnixTimeSeconds()}.{last.RetentionDays ?? 0}.{last.Item}");

        public static Cursor? Read(string? text) =>
            text is null ? null
            : text.Split('.', 3) is [var start, var days, var item]
                && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 253_402_300_800
                && int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var retention)
                ? new(DateTimeOffset.FromUnixTimeSeconds(seconds), item, retention)
                : throw BillingRefusal.InvalidField("cursor", "cursor-unknown", "Send the nextCursor of the page before, or no cursor for the first page.");
    }
}

internal static class GetUsageEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}/usage", async (
            WorkspaceId id, IRequestHandler<GetUsage, Page<Used>> get, ICallers callers, CancellationToken ct, DateTimeOffset from, DateTimeOffset to,
            string granularity = "hour", int limit = 500, string? cursor = null) =>
            TypedResults.Ok(await get.Handle(
                new(id, callers.Current is { Kind: CallerKind.ConsoleUser, Id: var userId } ? userId : null, from, to, granularity, limit, cursor), ct)))
        .ForConsoleUsers(Scopes.BillingRead, Scopes.Operator)
        .Refuses("workspace-not-found", "limit-out-of-range", "granularity-unknown", "range-invalid", "cursor-unknown")
        .WithSummary("What an own workspace has used, by the hour or by the billing day: counted items added up, gauges at their highest");
}
