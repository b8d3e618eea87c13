using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Features;

internal sealed class ListAtRiskHandler(NpgsqlDataSource dataSource, IOptionsMonitor<HuaweiMarketplaceOptions> options, Deployment deployment, TimeProvider clock)
    : IQueryHandler<ListAtRisk, Page<AtRiskView>>
{
    private const string Select =
        """
        with at_risk as (
            select c.*, (s.data ->> 'closedAt')::timestamptz as closed_at, (s.data ->> 'isFrozen')::bool as is_frozen, s.data ->> 'accountId' as account_id, s.id is not null as is_known,
                oldest.day as oldest_day,
                coalesce((s.data ->> 'closedAt')::timestamptz, oldest.day_ends_at - interval '1 day', c.day_ends_at - interval '1 day') + interval '21 days' as refused_at,
                (select min(p.next_attempt_at) from cloud_accounts.usage_push p where p.provider = c.provider and p.instance_id = c.instance_id and p.state = 'unanswered') as next_attempt_at
            from cloud_accounts.usage_charge c
            left join cloud_accounts.mt_doc_cloudsubscription s on s.data ->> 'instanceId' = c.instance_id and s.data ->> 'providerCode' = c.provider
            left join lateral (
                select day, day_ends_at from (
                    select day, day_ends_at, sum(amount) over (order by day, version) as through from cloud_accounts.usage_charge_stated d
                    where d.provider = c.provider and d.instance_id = c.instance_id) days
                where through > c.accepted order by day limit 1) oldest on true
            where c.stated_total - c.accepted >= 0.0001)
        select provider, instance_id, is_known, closed_at, account_id, is_frozen, stated_total - accepted, unanswered,
            least(rejected, greatest(stated_total - accepted - unanswered, 0)), rejected_code, rejected_reason, oldest_day, refused_at,
            least(next_attempt_at, hold_until), hold_reason
        from at_risk
        where $1::timestamptz is null or (refused_at, provider || '/' || instance_id) > ($1, $2)
        order by refused_at, provider || '/' || instance_id limit $3
        """;

    public async Task<Page<AtRiskView>> Handle(ListAtRisk request, CancellationToken cancellationToken)
    {
        Paging.CheckLimit(request.Limit);
        var after = Paging.Read(request.Cursor);
        var now = clock.GetUtcNow();
        var cadence = options.CurrentValue.Usage.Window is UsageWindow.Hourly ? UsageCadence.Hourly : UsageCadence.Daily;
        await using var find = dataSource.Command(Select, [after?.At, after?.Key, request.Limit + 1]);
        var found = await find.ReadAsync(row => Read(row, deployment.Currency, cadence.NextCollection(now), now), cancellationToken);
        var page = found.Take(request.Limit).ToArray();
        return new(page, found.Count > request.Limit ? Paging.Cursor(page[^1].RefusedAt, new CloudInstanceKey(page[^1].Provider, page[^1].InstanceId).ToString()) : null);
    }

    private static AtRiskView Read(NpgsqlDataReader row, Currency currency, DateTimeOffset nextCollectionAt, DateTimeOffset now)
    {
        var isClosed = !row.IsDBNull(3);
        CloudSubscriptionState? state = !row.GetBoolean(2) ? null
            : isClosed ? CloudSubscriptionState.Closed
            : row.IsDBNull(4) ? CloudSubscriptionState.Requested
            : row.GetBoolean(5) ? CloudSubscriptionState.Frozen
            : CloudSubscriptionState.Active;
        var (amount, unanswered, rejected) = (row.GetDecimal(6), row.GetDecimal(7), row.GetDecimal(8));
        var refusedAt = row.GetFieldValue<DateTimeOffset>(12);
        return new(
            CloudProvider.Of(row.GetString(0)), row.GetString(1), state, Of(amount), Of(amount - unanswered - rejected), Of(unanswered),
            rejected > 0 ? new(Of(rejected), row.TextOrNull(9), row.TextOrNull(10)) : null, row.ValueOrNull<DateOnly>(11), nextCollectionAt, refusedAt,
            refusedAt > now ? refusedAt - now : TimeSpan.Zero, isClosed && refusedAt <= now, row.ValueOrNull<DateTimeOffset>(13), row.TextOrNull(14));

        Money Of(decimal value) => new(value, currency);
    }
}

internal static class ListAtRiskEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/at-risk", async (IRequestHandler<ListAtRisk, Page<AtRiskView>> list, CancellationToken ct, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(limit, cursor), ct)))
        .ForClients(Scopes.Operator).Refuses("limit-invalid", "cursor-invalid")
        .WithTags("Operator").WithSummary("Amounts that the market has not taken yet, with the time left, most urgent first");
}
