using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Platform.Data;
using Npgsql;

namespace Guance.Billing.CloudAccounts.Tables;

/// <summary>What the market billed of a subscription's day and what it had taken do not agree.</summary>
/// <param name="NotBilled">Records of the day that were taken and are not in the file, where the file names records.</param>
internal sealed record MarketBillDifference(string InstanceId, DateOnly Day, decimal Accepted, decimal Billed, IReadOnlyList<string> NotBilled);

/// <summary>Compares a monthly file with what the market had taken: the records that the file names, and those that were collected in its month.</summary>
internal static class MarketBillDifferences
{
    public const int CountMax = 200;

    private const string Compare =
        """
        with line as (select * from unnest($2::text[], $3::date[], $4::numeric[], $5::text[]) as l (instance_id, day, amount, metering_sn)),
        named as (
            select l.instance_id, coalesce(p.day, l.day) as day, l.amount, p.metering_sn
            from line l left join cloud_accounts.usage_push p
                on p.metering_sn = split_part(l.metering_sn, '-', 1) and p.provider = $1 and p.instance_id = l.instance_id),
        billed as (select instance_id, day, sum(amount) as amount from named group by instance_id, day),
        taken as (
            select p.instance_id, p.day, p.amount, p.metering_sn from cloud_accounts.usage_push p
            where p.provider = $1 and p.state = 'accepted' and (
                p.metering_sn in (select metering_sn from named)
                or (p.answered_at >= $6 and p.answered_at < $7
                    and p.metering_sn not in (select metering_sn from cloud_accounts.market_billed where month <> $8 and metering_sn is not null)))),
        accepted as (
            select instance_id, day, sum(amount) as amount, array_agg(metering_sn order by metering_sn) filter (
                where exists (select from named where metering_sn is not null)
                    and metering_sn not in (select metering_sn from named where metering_sn is not null)) as not_billed
            from taken group by instance_id, day),
        difference as (
            select instance_id, day, coalesce(accepted.amount, 0) as accepted, coalesce(billed.amount, 0) as billed, coalesce(not_billed, '{}') as not_billed
            from accepted full join billed using (instance_id, day)
            where coalesce(accepted.amount, 0) <> coalesce(billed.amount, 0))
        """;

    /// <summary>What was taken in all, how many differences there are, and the first <see cref="CountMax"/> of them.</summary>
    public static async Task<(decimal Accepted, long Count, IReadOnlyList<MarketBillDifference> First)> FindAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, MarketBillFile file, UsageCadence cadence, CancellationToken ct)
    {
        var (from, to) = cadence.ArrivalsOf(file.Month);
        await using var totals = Command($"{Compare} select coalesce((select sum(amount) from taken), 0), (select count(*) from difference)");
        var (accepted, count) = (await totals.ReadAsync(row => (row.GetDecimal(0), row.GetInt64(1)), ct))[0];
        await using var first = Command($"{Compare} select instance_id, day, accepted, billed, not_billed from difference order by instance_id, day limit {CountMax}");
        return (accepted, count, await first.ReadAsync(
            row => new MarketBillDifference(row.GetString(0), row.GetFieldValue<DateOnly>(1), row.GetDecimal(2), row.GetDecimal(3), row.GetFieldValue<string[]>(4)), ct));

        NpgsqlCommand Command(string text) => new(text, connection, transaction)
        {
            Parameters =
            {
                new() { Value = CloudProvider.HuaweiCloud.Value },
                new() { Value = file.Lines.Select(line => line.InstanceId).ToArray() },
                new() { Value = file.Lines.Select(line => line.Day).ToArray() },
                new() { Value = file.Lines.Select(line => line.Amount).ToArray() },
                new() { Value = file.Lines.Select(line => line.MeteringSn).ToArray() },
                new() { Value = from },
                new() { Value = to },
                new() { Value = file.Month },
            },
        };
    }
}
