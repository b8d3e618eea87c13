using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Features;

namespace Guance.Billing.Settlement.Tests.Features;

/// <summary>Rules §8 on a real database: paying, the journal, and what clouds owe.</summary>
[Collection(nameof(MoneyCenter))]
public sealed class PayingTests(MoneyCenter money)
{
    private static readonly DateOnly Day = new(2026, 11, 23);
    private readonly BillingCenter center = money.Center;

    [Fact]
    public async Task The_worked_example_is_deducted_in_the_documented_order_and_the_journal_shows_it()
    {
        var customer = await center.CustomerAsync();
        (await center.CreditCashAsync(customer.Account, "50.00")).Status.ShouldBe(200);
        (await center.IssueVoucherAsync(customer.Account, "full-reduction", "2.00")).Status.ShouldBe(200);
        (await center.IssueVoucherAsync(customer.Account, "ordinary", "5.00")).Status.ShouldBe(200);
        var order = center.Market.SellCards(100);
        (await customer.Browser.SendAsync(HttpMethod.Post, "/api/prepaid-cards", new { cloudAccountId = order.AccountId, orderNumber = order.OrderNumber })).Status.ShouldBe(200);
        (await customer.BalancesAsync()).ShouldBe(("50.00", "100.00", "7.00", "0.00"));

        var bill = customer.Bill(Day, 13.40m);
        await center.PayAsync(bill, customer.Bill(Day.AddDays(1), 100m));
        (await customer.BalancesAsync()).ShouldBe(("43.60", "0.00", "0.00", "0.00"));
        (await customer.JournalAsync()).ShouldBe(
        [
            ("cash-credited", "outside -50.00, cash 50.00", "50.00"),
            ("voucher-issued", "outside -2.00, voucher 2.00", "50.00"),
            ("voucher-issued", "outside -5.00, voucher 5.00", "50.00"),
            ("card-redeemed", "outside -100.00, card 100.00", "50.00"),
            ("usage-charged", "voucher -5.00, voucher -2.00, card -6.40, usage 13.40", "50.00"),
            ("usage-charged", "card -93.60, cash -6.40, usage 100.00", "43.60"),
        ]);
        var vouchers = (await customer.Browser.ReadAsync("/api/vouchers"))["items"]!.AsArray();
        vouchers.Select(v => ((string)v!["state"]!, (string)v["balance"]!["amount"]!)).ShouldBe([("used", "0.00"), ("used", "0.00")]);

        await center.PayAsync(bill, bill);
        (await customer.BalancesAsync()).Cash.ShouldBe("43.60", "a bill that is in the journal is not paid again");
    }

    [Fact]
    public async Task Income_and_expenditure_can_be_paged_limited_to_dates_and_taken_as_CSV_and_others_see_nothing_of_it()
    {
        var customer = await center.CustomerAsync();
        await center.CreditCashAsync(customer.Account, "10.00");
        await center.PayAsync(customer.Bill(Day, 1.50m), customer.Bill(Day.AddDays(1), 2m, 1m));
        var first = await customer.Browser.ReadAsync("/api/journal?limit=2");
        first["items"]!.AsArray().Count.ShouldBe(2);
        (await customer.JournalAsync($"?limit=2&cursor={(string)first["nextCursor"]!}")).ShouldBe([("usage-charged", "cash -3.00, usage 3.00", "5.50")]);

        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(center.Now, TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")).DateTime);
        (await customer.JournalAsync($"?from={today:yyyy-MM-dd}&to={today:yyyy-MM-dd}")).Count.ShouldBe(3);
        (await customer.JournalAsync($"?to={today.AddDays(-1):yyyy-MM-dd}")).ShouldBeEmpty();
        (await customer.JournalAsync($"?from={today.AddDays(1):yyyy-MM-dd}")).ShouldBeEmpty();

        var csv = (await customer.Browser.GetStringAsync("/api/journal.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        csv.Length.ShouldBe(4);
        csv[0].ShouldStartWith("seq,date,at,what,reference,day,currency,usage,vouchers,prepaid,cash,cloud");
        var reference = $"bill_20261123_{customer.Workspace.Value[5..]}";
        csv[2].ShouldStartWith($"2,{today:yyyy-MM-dd},");
        csv[2].ShouldEndWith($",usage-charged,\"{reference}\",2026-11-23,CNY,1.50,0.00,0.00,-1.50,0.00,0.00,8.50");

        var stranger = await center.CustomerAsync();
        foreach (var path in new[] { "journal", "journal.csv", "vouchers", "prepaid-cards" })
        {
            (await stranger.Browser.SendAsync(HttpMethod.Get, $"/api/{path}?billingAccountId={customer.Account}")).ShouldRefuse(404, "billing-account-unknown");
        }

        using var staff = await center.OperatorAsync();
        (await staff.ReadAsync($"/api/journal?billingAccountId={customer.Account}"))["items"]!.AsArray().Count.ShouldBe(3);
        (await staff.SendAsync(HttpMethod.Get, "/api/journal")).ShouldRefuse(400, "account-id-required");
    }

    [Fact]
    public async Task Two_who_pay_from_one_wallet_at_once_lose_nothing_and_double_nothing()
    {
        var customer = await center.CustomerAsync();
        await center.CreditCashAsync(customer.Account, "1000.00");
        await center.IssueVoucherAsync(customer.Account, "ordinary", "100.00");
        // Eight at once; each day is paid by two of them, and four recharges come between.
        var bills = Enumerable.Range(0, 100).Select(i => customer.Bill(Day.AddDays(i), 5m)).ToArray();
        await Task.WhenAll(
        [
            .. Enumerable.Range(0, 8).Select(payer => Task.Run(async () =>
            {
                foreach (var batch in bills.Where((_, i) => i % 4 == payer % 4).Chunk(5))
                {
                    await center.PayAsync(batch);
                }
            })),
            .. Enumerable.Range(0, 4).Select(async i => (await center.CreditCashAsync(customer.Account, "10.00", $"recharge-{customer.Account}-{i}")).Status.ShouldBe(200)),
        ]);
        (await customer.BalancesAsync()).ShouldBe(("640.00", "0.00", "0.00", "0.00"));
        (await VerifyAsync(customer)).ShouldBe((106, ""));
        await ShouldBalanceAsync(customer);
    }

    [Fact]
    public async Task Bills_of_many_accounts_are_paid_in_one_go_also_of_those_that_have_no_wallet_yet()
    {
        var customers = new List<Customer>();
        for (var i = 0; i < 3; i++)
        {
            customers.Add(await center.CustomerAsync());
        }

        await center.CreditCashAsync(customers[1].Account, "3.00");
        await center.PayAsync([.. customers.Select(customer => customer.Bill(Day, 1m)), .. customers.Select(customer => customer.Bill(Day.AddDays(1), 1m))]);
        (await customers[0].BalancesAsync()).ShouldBe(("0.00", "0.00", "0.00", "2.00"));
        (await customers[1].BalancesAsync()).ShouldBe(("1.00", "0.00", "0.00", "0.00"));
        await ShouldBalanceAsync([.. customers]);
    }

    [Fact]
    public async Task What_a_cloud_account_owes_is_stated_in_all_once_and_again_only_when_it_has_changed()
    {
        var customer = await center.CustomerAsync();
        await center.IssueVoucherAsync(customer.Account, "ordinary", "3.00");
        var payers = Enumerable.Range(0, 3).Select(i => $"huawei-cloud/{customer.Username}-{i}").ToArray();
        await center.PayAsync(new BillToPay(customer.Account, customer.Workspace, Day, [.. payers.Select(payer => new PayerCharge(payer, 10m, 0))]));
        await StateAsync(Day);
        await StateAsync(Day);
        await center.PayAsync(customer.Bill(Day.AddDays(1), -4m, payer: payers[0]));
        await StateAsync(Day.AddDays(1));

        (await StatedAsync(payers[0])).ShouldBe([(Day, 7m, 7m), (Day.AddDays(1), -4m, 3m)], "the voucher paid three");
        (await StatedAsync(payers[2])).ShouldBe([(Day, 10m, 10m)]);
        (await customer.BalancesAsync()).Arrears.ShouldBe("0.00", "what a cloud account owes is not owed here");

        async Task StateAsync(DateOnly day)
        {
            while (await center.Deployment.SendAsync(new StateCloudCharges(day, center.Now)))
            {
            }
        }

        async Task<IEnumerable<(DateOnly, decimal, decimal)>> StatedAsync(string payer) =>
            (await center.EventsAsync($"charges_{payer.Replace('/', '_')}")).Cast<CloudChargeStated>().Select(stated => (stated.Day, stated.Amount.Amount, stated.Total.Amount));
    }

    [Fact]
    public async Task The_journal_cannot_be_changed_and_whoever_forces_it_is_found_where_it_was_done()
    {
        var customer = await center.CustomerAsync();
        await center.CreditCashAsync(customer.Account, "10.00");
        await center.PayAsync(customer.Bill(Day, 1m), customer.Bill(Day.AddDays(1), 2m), customer.Bill(Day.AddDays(2), 3m));
        await center.Deployment.SendAsync(new SealJournal(Day));
        await center.Deployment.SendAsync(new SealJournal(Day));
        (await VerifyAsync(customer)).ShouldBe((4, ""));

        var alter = $"update settlement.journal_entry set ledgers = array['cash', 'usage'], amounts = array[-1, 1]::numeric[] where account_id = '{customer.Account}' and seq = 3";
        (await Should.ThrowAsync<Npgsql.PostgresException>(center.ExecuteAsync(alter))).MessageText.ShouldContain("append-only");
        (await Should.ThrowAsync<Npgsql.PostgresException>(center.ExecuteAsync("truncate settlement.journal_entry"))).MessageText.ShouldContain("append-only");
        var unbalanced = $"insert into settlement.journal_entry select account_id, 99, at, kind, reference, day, null, ledgers, array[1, 1], 0, hash, hash from settlement.journal_entry where account_id = '{customer.Account}' and seq = 1";
        (await Should.ThrowAsync<Npgsql.PostgresException>(center.ExecuteAsync(unbalanced))).ConstraintName.ShouldBe("journal_entry_balanced");

        await center.ExecuteAsync($"alter table settlement.journal_entry disable trigger append_only; {alter}; alter table settlement.journal_entry enable trigger append_only");
        (await VerifyAsync(customer)).ShouldBe((4, "3: The entry is not what was written: its hash differs."));

        await center.ExecuteAsync(
            $"""
            alter table settlement.journal_entry disable trigger append_only;
            update settlement.journal_entry set amounts = array[-2, 2]::numeric[] where account_id = '{customer.Account}' and seq = 3;
            delete from settlement.journal_entry where account_id = '{customer.Account}' and seq = 4;
            alter table settlement.journal_entry enable trigger append_only
            """);
        (await VerifyAsync(customer)).ShouldBe((3,
            "4: The entry is not the one that was sealed for 2026-11-23.\n4: The wallet and the last entry of the journal differ."));
    }

    [Fact]
    public async Task What_has_expired_is_void_and_shown_so()
    {
        var customer = await center.CustomerAsync();
        var expiresAt = center.Now.AddDays(2);
        await center.IssueVoucherAsync(customer.Account, "ordinary", "5.00", expiresAt);
        await center.IssueVoucherAsync(customer.Account, "full-reduction", "4.00", expiresAt);
        await center.IssueVoucherAsync(customer.Account, "ordinary", "3.00", expiresAt);
        await center.IssueVoucherAsync(customer.Account, "ordinary", "7.00", expiresAt.AddDays(30));
        await center.Deployment.AdvanceAsync(TimeSpan.FromDays(2));
        (await customer.BalancesAsync()).Vouchers.ShouldBe("7.00");
        (await customer.JournalAsync()).Where(row => row.What == "voucher-expired").Select(row => row.Amounts)
            .ShouldBe(["voucher -5.00, outside 5.00", "voucher -4.00, outside 4.00", "voucher -3.00, outside 3.00"], ignoreOrder: true);
        await center.Deployment.AdvanceAsync(TimeSpan.FromMinutes(1));
        (await customer.JournalAsync()).Count.ShouldBe(7, "once");
        await center.PayAsync(customer.Bill(Day, 8m));
        (await customer.BalancesAsync()).Arrears.ShouldBe("1.00");
        await ShouldBalanceAsync(customer);
    }

    private async Task<(long Entries, string Breaks)> VerifyAsync(Customer customer)
    {
        using var staff = await center.OperatorAsync();
        var found = await staff.ReadAsync($"/api/operator/journal-verification?billingAccountId={customer.Account}");
        return ((long)found["entries"]!, string.Join('\n', found["breaks"]!.AsArray().Select(b => $"{b!["seq"]}: {b["what"]}")));
    }

    /// <summary>The accounts' journals sum to zero, and each balance is what the journal has posted to it.</summary>
    private async Task ShouldBalanceAsync(params IReadOnlyList<Customer> customers)
    {
        (string Table, string Ledger, string Balance)[] balances =
            [("wallet", "'cash'", "cash"), ("voucher", "'voucher:' || b.id", "balance"), ("prepaid_card", "'card:' || b.id", "balance")];
        var posting =
            $"""
            with posting as (select account_id, ledger, amount from settlement.journal_entry, unnest(ledgers, amounts) as p (ledger, amount)
                where account_id = any(string_to_array('{string.Join(',', customers.Select(customer => customer.Account))}', ',')))
            """;
        (await center.ScalarAsync<decimal>($"{posting} select sum(amount) from posting")).ShouldBe(0);
        foreach (var (table, ledger, balance) in balances)
        {
            (await center.ScalarAsync<long>(
                $"""
                {posting} select count(*) from settlement.{table} b where account_id in (select account_id from posting)
                    and {balance} is distinct from (select coalesce(sum(amount), 0) from posting p where p.account_id = b.account_id and ledger = {ledger})
                """)).ShouldBe(0, table);
        }
    }
}
