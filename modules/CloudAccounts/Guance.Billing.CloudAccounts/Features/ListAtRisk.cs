using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using HuaweiCloud.Marketplace;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>
/// What subscriptions owe and the market has not taken, most urgent first. The market refuses a window that began more than 21 days ago, so
/// the time runs from the beginning of the oldest day that is not taken whole; of a closed subscription from the closing instant, after
/// which nothing more is taken. While a subscription is open, what is older still goes out, in a later window.
/// </summary>
internal static class ListAtRiskEndpoint
{
    /// <param name="Unsent">In no record yet.</param>
    /// <param name="Unanswered">In records without an answer.</param>
    /// <param name="Rejected">Refused, and not out again.</param>
    /// <param name="OldestDay">The first day that is not taken whole.</param>
    /// <param name="NextCollectionAt">What arrives later is charged a day (or an hour) later.</param>
    /// <param name="RefusedAt">From then on the market refuses it.</param>
    /// <param name="IsLost">The subscription is closed, and that time is over.</param>
    /// <param name="WaitsFor">Why nothing is sent now: <c>not-yet</c>, <c>rejected</c> or <c>too-late</c>.</param>
    internal sealed record Item(
        CloudProvider Provider, string InstanceId, CloudSubscriptionState? State, Money Amount, Money Unsent, Money Unanswered, RejectedAmount? Rejected,
        DateOnly? OldestDay, DateTimeOffset NextCollectionAt, DateTimeOffset RefusedAt, TimeSpan TimeLeft, bool IsLost, DateTimeOffset? NextAttemptAt, string? WaitsFor);

    internal sealed record RejectedAmount(Money Amount, string? Code, string? Reason);

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

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/at-risk", async (
            NpgsqlDataSource dataSource, IOptionsMonitor<HuaweiMarketplaceOptions> options, Deployment deployment, TimeProvider clock, CancellationToken ct,
            int limit = 50, string? cursor = null) =>
        {
            Paging.CheckLimit(limit);
            var after = Paging.Read(cursor);
            var now = clock.GetUtcNow();
            var cadence = options.CurrentValue.Usage.Window is UsageWindow.Hourly ? UsageCadence.Hourly : UsageCadence.Daily;
            await using var find = dataSource.Command(Select, [after?.At, after?.Key, limit + 1]);
            var found = await find.ReadAsync(row => Read(row, deployment.Currency, cadence.NextCollection(now), now), ct);
            var page = found.Take(limit).ToArray();
            return TypedResults.Ok(new Page<Item>(
                page, found.Count > limit ? Paging.Cursor(page[^1].RefusedAt, new CloudInstanceKey(page[^1].Provider, page[^1].InstanceId).ToString()) : null));
        })
        .ForClients(Scopes.Operator).Refuses("limit-invalid", "cursor-invalid")
        .WithTags("Operator").WithSummary("Amounts that the market has not taken yet, with the time left, most urgent first");

    private static Item Read(NpgsqlDataReader row, Currency currency, DateTimeOffset nextCollectionAt, DateTimeOffset now)
    {
        var isClosed = !row.IsDBNull(3);
        CloudSubscriptionState? state = !row.GetBoolean(2) ? null
            : isClosed ? CloudSubscriptionState.Closed
            : row.IsDBNull(4) ? CloudSubscriptionState.Requested
            : row.GetBoolean(5) ? CloudSubscriptionState.Frozen
            : CloudSubscriptionState.Active;
        var (amount, unanswered, rejected) = (row.GetDecimal(6), row.GetDecimal(7), row.GetDecimal(8));
        var refusedAt = row.GetFieldValue<DateTimeOffset>(12);
        return new Item(
            CloudProvider.Of(row.GetString(0)), row.GetString(1), state, Of(amount), Of(amount - unanswered - rejected), Of(unanswered),
            rejected > 0 ? new(Of(rejected), row.TextOrNull(9), row.TextOrNull(10)) : null, row.ValueOrNull<DateOnly>(11), nextCollectionAt, refusedAt,
            refusedAt > now ? refusedAt - now : TimeSpan.Zero, isClosed && refusedAt <= now, row.ValueOrNull<DateTimeOffset>(13), row.TextOrNull(14));

        Money Of(decimal value) => new(value, currency);
    }
}
