using System.Data;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using Npgsql;

namespace Guance.Billing.Settlement.Documents;

/// <summary>Makes monthly bills from daily ones. Nothing is kept of them: daily bills are never edited, so a month once ready stays as it is.</summary>
internal sealed class MonthlyBills(NpgsqlDataSource dataSource, BillingDays days, SiteNames sites, Deployment deployment, TimeProvider clock)
{
    /// <summary>How many adjustments a bill lists; the CSV has all.</summary>
    private const int AdjustmentsListedMax = 500;

    /// <summary>What cannot change any more: the month is over by some days, all its days are closed, and none of them waits for a repair.</summary>
    /// <exception cref="BillingRefusal"><c>bill-not-ready</c>.</exception>
    public async Task RefuseBeforeReadyAsync(BillingAccountId account, BillingMonth month, CancellationToken ct)
    {
        var readyAt = days.Begin(month.ReadyOn);
        if (clock.GetUtcNow() < readyAt)
        {
            throw NotReady(month, readyAt, $"The bill of {month} can be had from {month.ReadyOn:yyyy-MM-dd} 00:00 ({deployment.TimeZone.Id}).");
        }

        await using var read = dataSource.CreateCommand(
            """
            select coalesce((select max(day) from settlement.day_close where state = 'completed') >= $2, false),
                exists (select from settlement.parked_day where account_id = $1 and day <= $2)
            """);
        read.Parameters.Add(new() { Value = account.Value });
        read.Parameters.Add(new() { Value = month.Last });
        await using var found = await read.ExecuteReaderAsync(ct);
        await found.ReadAsync(ct);
        if (found.GetBoolean(1))
        {
            throw NotReady(month, null, $"Billing of this account has been stopped for a check, and days of {month} wait for it. Ask again when the staff has released it.");
        }

        if (!found.GetBoolean(0))
        {
            throw NotReady(month, null, $"The last days of {month} are still being billed. Ask again in some minutes.");
        }
    }

    /// <summary>What the days that are billed so far come to, whether the month's bill can be had or not.</summary>
    public async Task<Spending> SpendingAsync(BillingAccountId account, BillingMonth month, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var same = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var sums = await SumsAsync(connection, account, month, ct);
        var names = await NamesAsync(connection, account, ct);
        return new(month.ToString(), deployment.TimeZone.Id, Money(sums.Total), await DaysAsync(connection, account, month, ct), Sites(sums, names), Items(sums));
    }

    public async Task<MonthlyBill> MakeAsync(BillingAccount account, BillingMonth month, IQueries queries, CancellationToken ct)
    {
        var id = BillingAccountId.Of(account.Id);
        await RefuseBeforeReadyAsync(id, month, ct);
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var same = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var sums = await SumsAsync(connection, id, month, ct);
        var names = await NamesAsync(connection, id, ct);
        var payments = await PaymentsAsync(connection, id, month, ct);
        var adjustments = await AdjustmentsAsync(connection, id, month, names, ct);
        var cloudAccounts = await CloudAccountsAsync(queries, [.. sums.Payers.Select(sum => sum.Payer).Concat(payments.Select(p => p.Payer).OfType<string>()).Where(Payers.IsCloud).Distinct()], ct);
        return new(
            IdOf(id, month), id, account.Username, account.CompanyName, month.ToString(), deployment.TimeZone.Id, days.Begin(month.First), days.End(month.Last),
            Money(sums.Total),
            [.. sums.Payers.Select(sum => new MonthlyPayer(sum.Payer, cloudAccounts.GetValueOrDefault(sum.Payer), Payers.InvoicedBy(sum.Payer), Money(sum.Amount)))],
            Sites(sums, names),
            Items(sums),
            [.. payments.Select(payment => new MonthlyPayment(
                payment.From, payment.Payer, payment.Payer is null ? null : cloudAccounts.GetValueOrDefault(payment.Payer), Money(payment.Amount)))],
            adjustments,
            MonthlyBillTexts.Notes(sums.Payers.Select(sum => sum.Payer), sums.Workspaces.Count == 0, "en"));
    }

    private static BillingRefusal NotReady(BillingMonth month, DateTimeOffset? readyAt, string sentence) => BillingRefusal.Conflict(
        "bill-not-ready",
        $"{sentence} What has been billed so far is at /api/bills/consumption.csv?from={month.First:yyyy-MM-dd}&to={month.Last:yyyy-MM-dd}.",
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["readyAt"] = readyAt });

    private static string IdOf(BillingAccountId account, BillingMonth month) =>
        $"bill_{month.ToString().Replace("-", "", StringComparison.Ordinal)}_{account.Value[BillingAccountId.Prefix.Length..]}";

    private IReadOnlyList<MonthlySite> Sites(Sums sums, Dictionary<Guid, string> names) =>
    [
        .. from workspace in sums.Workspaces
           group workspace by workspace.Site into site
           select new MonthlySite(
               SiteCode.Of(site.Key), sites.Of(site.Key), Money(site.Sum(workspace => workspace.Amount)),
               [.. site.Select(workspace => new MonthlyWorkspace(ChargeIds.Workspace(workspace.Workspace), NameIn(names, workspace.Workspace), Money(workspace.Amount)))]),
    ];

    private IReadOnlyList<MonthlyItem> Items(Sums sums) =>
        [.. sums.Items.Select(item => new MonthlyItem(item.Item, item.RetentionDays, item.Quantity, item.Unit, Money(item.Amount)))];

    private async Task<IReadOnlyList<DaySpending>> DaysAsync(NpgsqlConnection connection, BillingAccountId account, BillingMonth month, CancellationToken ct)
    {
        await using var read = OfMonth(
            "select day, sum(total) from settlement.bill where account_id = @account and day between @first and @last group by day order by day", connection, account, month);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var found = new List<DaySpending>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(rows.GetFieldValue<DateOnly>(0), Money(rows.GetDecimal(1))));
        }

        return found;
    }

    private Money Money(decimal amount) => new(amount, deployment.Currency);

    private static string NameIn(Dictionary<Guid, string> names, Guid workspace) => names.GetValueOrDefault(workspace) ?? ChargeIds.Workspace(workspace).Value;

    private static async Task<Sums> SumsAsync(NpgsqlConnection connection, BillingAccountId account, BillingMonth month, CancellationToken ct)
    {
        await using var read = OfMonth(
            """
            select b.site, b.workspace, sum(b.total) from settlement.bill b where b.account_id = @account and b.day between @first and @last group by b.site, b.workspace order by b.site, b.workspace;
            select l.payer, sum(l.amount), l.item, l.retention_days, trim_scale(round(sum(l.quantity * l.share_numerator / l.share_denominator), 6)),
                (select u.unit from settlement.price u where u.item = l.item order by u.version desc limit 1)
            from settlement.bill b join settlement.bill_line l on l.day = b.day and l.workspace = b.workspace
            where b.account_id = @account and b.day between @first and @last
            group by l.payer, l.item, l.retention_days order by l.item, l.retention_days, l.payer
            """,
            connection, account, month);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var workspaces = new List<(string Site, Guid Workspace, decimal Amount)>();
        while (await rows.ReadAsync(ct))
        {
            workspaces.Add((rows.GetString(0), rows.GetGuid(1), rows.GetDecimal(2)));
        }

        await rows.NextResultAsync(ct);
        var parts = new List<(string Payer, decimal Amount, string Item, int Retention, decimal Quantity, string Unit)>();
        while (await rows.ReadAsync(ct))
        {
            parts.Add((rows.GetString(0), rows.GetDecimal(1), rows.GetString(2), rows.GetInt32(3), rows.GetDecimal(4), await rows.IsDBNullAsync(5, ct) ? "" : rows.GetString(5)));
        }

        return new(
            workspaces.Sum(workspace => workspace.Amount),
            [.. parts.GroupBy(part => part.Payer).OrderBy(payer => payer.Key, StringComparer.Ordinal).Select(payer => (payer.Key, payer.Sum(part => part.Amount)))],
            workspaces,
            [
                .. from part in parts
                   group part by (part.Item, part.Retention, part.Unit) into item
                   select (item.Key.Item, item.Key.Retention > 0 ? item.Key.Retention : (int?)null, item.Sum(part => part.Quantity), item.Key.Unit, item.Sum(part => part.Amount)),
            ]);
    }

    private static async Task<Dictionary<Guid, string>> NamesAsync(NpgsqlConnection connection, BillingAccountId account, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand("select right(id, 32)::uuid, data ->> 'name' from settlement.mt_doc_workspacesettlement where account_key = @account", connection);
        read.Parameters.AddWithValue("account", account.Value);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var names = new Dictionary<Guid, string>();
        while (await rows.ReadAsync(ct))
        {
            names.Add(rows.GetGuid(0), rows.GetString(1));
        }

        return names;
    }

    /// <summary>From the journal: a day's bill is charged after the day, so that entries of the month begin after its first instant.</summary>
    private async Task<IReadOnlyList<(PaidFrom From, string? Payer, decimal Amount)>> PaymentsAsync(
        NpgsqlConnection connection, BillingAccountId account, BillingMonth month, CancellationToken ct)
    {
        await using var read = OfMonth(
            """
            select p.paid_from, p.payer, sum(p.amount)
            from settlement.journal_entry e
            cross join lateral unnest(e.ledgers, e.amounts) l(ledger, amount)
            left join settlement.voucher v on l.ledger = 'voucher:' || v.id
            cross join lateral (select greatest(-e.cash_after, 0) - greatest(l.amount - e.cash_after, 0) as owing) a
            cross join lateral (values
                (case when l.ledger = 'cash' then 'cash' when l.ledger like 'card:%' then 'prepaid-card' when l.ledger like 'cloud:%' then 'cloud-account' else v.kind end,
                    case when l.ledger like 'cloud:%' then substr(l.ledger, 7) end,
                    case when l.ledger = 'cash' then -l.amount - a.owing else -l.amount end),
                (case when l.ledger = 'cash' then 'arrears' end, null, a.owing)) p(paid_from, payer, amount)
            where e.account_id = @account and e.day between @first and @last and e.at >= @begin and e.kind = 'usage-charged' and l.ledger <> 'usage' and p.paid_from is not null
            group by p.paid_from, p.payer having sum(p.amount) <> 0
            """,
            connection, account, month);
        read.Parameters.AddWithValue("begin", days.Begin(month.First));
        await using var rows = await read.ExecuteReaderAsync(ct);
        var payments = new List<(PaidFrom From, string? Payer, decimal Amount)>();
        while (await rows.ReadAsync(ct))
        {
            payments.Add((Kind(rows.GetString(0)), await rows.IsDBNullAsync(1, ct) ? null : rows.GetString(1), rows.GetDecimal(2)));
        }

        return [.. payments.OrderBy(payment => payment.From).ThenBy(payment => payment.Payer, StringComparer.Ordinal)];

        static PaidFrom Kind(string kind) => kind switch
        {
            "ordinary" => PaidFrom.OrdinaryVoucher,
            "full-reduction" => PaidFrom.FullReductionVoucher,
            "prepaid-card" => PaidFrom.PrepaidCard,
            "cash" => PaidFrom.Cash,
            "arrears" => PaidFrom.Arrears,
            "cloud-account" => PaidFrom.CloudAccount,
            _ => throw new InvalidOperationException($"'{kind}' is no kind of money."),
        };
    }

    private async Task<MonthlyAdjustments> AdjustmentsAsync(
        NpgsqlConnection connection, BillingAccountId account, BillingMonth month, Dictionary<Guid, string> names, CancellationToken ct)
    {
        await using var read = OfMonth(
            """
            select l.day, l.workspace, l.line_no, l.adjusts_day, l.item, l.retention_days, l.payer, l.amount, count(*) over (), sum(l.amount) over ()
            from settlement.bill b join settlement.bill_line l on l.day = b.day and l.workspace = b.workspace
            where b.account_id = @account and b.day between @first and @last and l.adjusts_day is not null
            order by l.adjusts_day, l.day, l.workspace, l.line_no limit @count
            """,
            connection, account, month);
        read.Parameters.AddWithValue("count", AdjustmentsListedMax);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var (items, count, total) = (new List<MonthlyAdjustment>(), 0L, 0m);
        while (await rows.ReadAsync(ct))
        {
            var (day, workspace) = (rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1));
            (count, total) = (rows.GetInt64(8), rows.GetDecimal(9));
            items.Add(new(
                ChargeIds.Line(day, workspace, rows.GetInt32(2)), rows.GetFieldValue<DateOnly>(3), day, ChargeIds.Workspace(workspace), NameIn(names, workspace),
                rows.GetString(4), rows.GetInt32(5) is > 0 and var retention ? retention : null, rows.GetString(6), Money(rows.GetDecimal(7))));
        }

        return new(Money(total), count, items);
    }

    private static async Task<Dictionary<string, string>> CloudAccountsAsync(IQueries queries, IReadOnlyList<string> payers, CancellationToken ct)
    {
        var accounts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var payer in payers)
        {
            if (await queries.Ask(new GetCloudSubscription(CloudProvider.Of(Payers.Provider(payer)!), Payers.Instance(payer)), ct) is { AccountId: { } account })
            {
                accounts[payer] = account;
            }
        }

        return accounts;
    }

    private static NpgsqlCommand OfMonth(string sql, NpgsqlConnection connection, BillingAccountId account, BillingMonth month)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("account", account.Value);
        command.Parameters.AddWithValue("first", month.First);
        command.Parameters.AddWithValue("last", month.Last);
        return command;
    }

    private sealed record Sums(
        decimal Total,
        IReadOnlyList<(string Payer, decimal Amount)> Payers,
        IReadOnlyList<(string Site, Guid Workspace, decimal Amount)> Workspaces,
        IReadOnlyList<(string Item, int? RetentionDays, decimal Quantity, string Unit, decimal Amount)> Items);
}
