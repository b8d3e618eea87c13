using Guance.Billing.Platform.Data;
using Guance.Billing.Settlement.Contracts;
using Npgsql;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement.ReadModels;

internal sealed record WalletView(BalancesView Balances, DateTimeOffset? ArrearsSince, DateTimeOffset? LockAt);

/// <summary>Reads wallets, vouchers and prepaid cards; lists in the order in which they pay: what expires first comes first.</summary>
internal sealed class CreditReader(NpgsqlDataSource dataSource, Deployment deployment, TimeProvider clock)
{
    private const string Vouchers = "select id, kind, face_value, balance, issued_at, expires_at from settlement.voucher";

    private const string Cards =
        "select id, face_value, balance, purchased_at, redeemed_at, expires_at, provider, cloud_account_id, order_number from settlement.prepaid_card";

    public async Task<WalletView> WalletAsync(BillingAccountId account, CancellationToken ct)
    {
        await using var read = dataSource.Command(
            """
            select coalesce(max(w.cash), 0), max(w.arrears_since),
                (select coalesce(sum(balance), 0) from settlement.prepaid_card where account_id = $1 and balance > 0 and expires_at > $2),
                (select coalesce(sum(balance), 0) from settlement.voucher where account_id = $1 and balance > 0 and expires_at > $2)
            from settlement.wallet w where w.account_id = $1
            """,
            account.Value, clock.GetUtcNow());
        await using var row = await read.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        var cash = row.GetDecimal(0);
        var since = await row.IsDBNullAsync(1, ct) ? (DateTimeOffset?)null : row.GetFieldValue<DateTimeOffset>(1);
        return new(new(In(Math.Max(cash, 0)), In(row.GetDecimal(2)), In(row.GetDecimal(3)), In(Math.Max(-cash, 0))), since, since + ArrearsDecider.LockAfter);
    }

    public async Task<Page<VoucherView>> VouchersAsync(BillingAccountId account, bool onlyActive, int limit, string? cursor, CancellationToken ct)
    {
        await using var read = dataSource.Command($"{Vouchers} {OnePage("voucher")}", account.Value, cursor ?? "", limit + 1, onlyActive ? clock.GetUtcNow() : DateTimeOffset.MinValue, onlyActive ? 0m : -1m);
        return await PageAsync(read, limit, Voucher, voucher => voucher.Id, ct);
    }

    public async Task<Page<PrepaidCardView>> CardsAsync(BillingAccountId account, bool onlyActive, int limit, string? cursor, CancellationToken ct)
    {
        await using var read = dataSource.Command($"{Cards} {OnePage("prepaid_card")}", account.Value, cursor ?? "", limit + 1, onlyActive ? clock.GetUtcNow() : DateTimeOffset.MinValue, onlyActive ? 0m : -1m);
        return await PageAsync(read, limit, Card, card => card.Id, ct);
    }

    /// <summary>A voucher as the open transaction has it.</summary>
    public Task<VoucherView> VoucherAsync(UnitOfWork work, string id, CancellationToken ct) => OneAsync(work, $"{Vouchers} where id = $1", id, Voucher, ct);

    /// <summary>A card as the open transaction has it.</summary>
    public Task<PrepaidCardView> CardAsync(UnitOfWork work, string id, CancellationToken ct) => OneAsync(work, $"{Cards} where id = $1", id, Card, ct);

    private static string OnePage(string table) =>
        $"""
        where account_id = $1 and expires_at > $4 and balance > $5
          and ($2 = '' or (expires_at, id) > (select c.expires_at, c.id from settlement.{table} c where c.account_id = $1 and c.id = $2))
        order by expires_at, id limit $3
        """;

    private static async Task<Page<TView>> PageAsync<TView>(NpgsqlCommand read, int limit, Func<NpgsqlDataReader, TView> view, Func<TView, string> id, CancellationToken ct)
    {
        var found = new List<TView>();
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            found.Add(view(rows));
        }

        return found.Count > limit ? new([.. found.Take(limit)], id(found[limit - 1])) : new(found, null);
    }

    private static async Task<TView> OneAsync<TView>(UnitOfWork work, string sql, string id, Func<NpgsqlDataReader, TView> view, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(sql, work.Connection, work.Transaction);
        read.Parameters.Add(new() { Value = id });
        await using var row = await read.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct) ? view(row) : throw new InvalidOperationException($"{id} must be there.");
    }

    private VoucherView Voucher(NpgsqlDataReader row)
    {
        var expiresAt = row.GetFieldValue<DateTimeOffset>(5);
        return new(row.GetString(0), row.GetString(1), In(row.GetDecimal(2)), In(row.GetDecimal(3)), State(row.GetDecimal(3), expiresAt), row.GetFieldValue<DateTimeOffset>(4), expiresAt);
    }

    private PrepaidCardView Card(NpgsqlDataReader row)
    {
        var expiresAt = row.GetFieldValue<DateTimeOffset>(5);
        return new(
            row.GetString(0), In(row.GetDecimal(1)), In(row.GetDecimal(2)), State(row.GetDecimal(2), expiresAt),
            row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4), expiresAt,
            row.IsDBNull(6) ? null : CloudProvider.Of(row.GetString(6)), row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : row.GetString(8));
    }

    private string State(decimal balance, DateTimeOffset expiresAt) => clock.GetUtcNow() >= expiresAt ? "expired" : balance == 0 ? "used" : "active";

    private Money In(decimal amount) => new(amount, deployment.Currency);
}
