using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>
/// Billed is what the imported files say of a day; 0 where they say nothing although the files of all months in which the day's records were
/// collected are imported, so that a record missing there is a difference.
/// </summary>
internal sealed class ListCloudChargeDaysHandler(NpgsqlDataSource dataSource, IOptionsMonitor<HuaweiMarketplaceOptions> options)
    : IQueryHandler<ListCloudChargeDays, IReadOnlyList<CloudChargeDay>>
{
    public async Task<IReadOnlyList<CloudChargeDay>> Handle(ListCloudChargeDays request, CancellationToken cancellationToken)
    {
        var cadence = options.CurrentValue.Usage.Window is UsageWindow.Hourly ? UsageCadence.Hourly : UsageCadence.Daily;
        await using var find = dataSource.Command(
            """
            with imported as (select distinct provider, month from cloud_accounts.market_bill),
            stated as (
                select provider, instance_id, day, sum(amount) as amount from cloud_accounts.usage_charge_stated
                where day between $1 and $2 group by provider, instance_id, day),
            pushed as (
                select p.provider, p.instance_id, p.day,
                    coalesce(sum(p.amount) filter (where p.state = 'accepted'), 0) as accepted,
                    coalesce(sum(p.amount) filter (where p.state = 'unanswered'), 0) as unanswered,
                    coalesce(sum(p.amount) filter (where p.state = 'rejected'), 0) as rejected,
                    bool_and(i.month is not null) filter (where p.state = 'accepted') as is_covered
                from cloud_accounts.usage_push p
                left join imported i on i.provider = p.provider and i.month = date_trunc('month', (p.answered_at at time zone 'Asia/Shanghai') + $3)::date
                where p.day between $1 and $2 group by p.provider, p.instance_id, p.day),
            billed as (
                select provider, instance_id, day, sum(amount) as amount from cloud_accounts.market_billed
                where day between $1 and $2 group by provider, instance_id, day)
            select provider, instance_id, day, stated.amount, coalesce(pushed.accepted, 0), coalesce(pushed.unanswered, 0), coalesce(pushed.rejected, 0),
                coalesce(billed.amount, case when pushed.is_covered then 0 end)
            from stated full join pushed using (provider, instance_id, day) full join billed using (provider, instance_id, day)
            order by provider, instance_id, day
            """,
            [request.From, request.To, cadence.Lead]);
        return await find.ReadAsync(
            row => new CloudChargeDay(
                new(CloudProvider.Of(row.GetString(0)), row.GetString(1)), row.GetFieldValue<DateOnly>(2), row.ValueOrNull<decimal>(3), row.GetDecimal(4),
                row.GetDecimal(5), row.GetDecimal(6), row.ValueOrNull<decimal>(7)),
            cancellationToken);
    }
}
