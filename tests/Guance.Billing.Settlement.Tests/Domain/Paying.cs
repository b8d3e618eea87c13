using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Rules §8: who pays what of a bill.</summary>
public sealed class Paying
{
    private const string Cloud = "huawei-cloud/inst-1";
    private static readonly DateOnly Day = new(2026, 11, 1);
    private static readonly DateTimeOffset NextYear = Day0.AddYears(1);

    private static readonly Wallet Full = Wallet.Of(50,
    [
        new(CreditKind.PrepaidCard, "c", 100, NextYear),
        new(CreditKind.FullReductionVoucher, "f", 2, NextYear),
        new(CreditKind.OrdinaryVoucher, "v", 5, NextYear),
    ]);

    [Fact]
    public void Vouchers_pay_first_then_full_reduction_vouchers_then_cards_then_cash() =>
        Pay(Full, new Charge("billing-center", 113.40m, 0)).ShouldBe([("voucher:v", -5), ("voucher:f", -2), ("card:c", -100), ("cash", -6.40m), ("usage", 113.40m)]);

    [Fact]
    public void What_cash_cannot_pay_becomes_arrears()
    {
        var state = Wallet.Of(10, []);
        state.After(WalletDecider.Pay(state, "bill_1", Day, [new("billing-center", 13.40m, 0)], Day0)!).Cash.ShouldBe(-3.40m);
    }

    [Fact]
    public void A_cloud_account_owes_what_vouchers_and_cards_leave_and_cash_stays() =>
        Pay(Full, new Charge(Cloud, 113.40m, 0)).ShouldBe([("voucher:v", -5), ("voucher:f", -2), ("card:c", -100), ("cloud:huawei-cloud/inst-1", -6.40m), ("usage", 113.40m)]);

    [Fact]
    public void Vouchers_do_not_pay_for_SMS_and_synthetic_tests_but_cards_do()
    {
        Pay(Full, new Charge("billing-center", 3, 40)).ShouldBe([("voucher:v", -3), ("card:c", -40), ("usage", 43)]);
        Pay(Full, new Charge(Cloud, 0, 120)).ShouldBe([("card:c", -100), ("cloud:huawei-cloud/inst-1", -20), ("usage", 120)]);
    }

    [Fact]
    public void What_expires_first_pays_first_and_what_has_expired_does_not_pay()
    {
        var state = Wallet.Of(0,
        [
            new(CreditKind.OrdinaryVoucher, "later", 5, Day0.AddDays(9)),
            new(CreditKind.OrdinaryVoucher, "sooner", 5, Day0.AddDays(1)),
            new(CreditKind.OrdinaryVoucher, "expired", 5, Day0),
            new(CreditKind.PrepaidCard, "b", 100, Day0.AddTicks(1)),
            new(CreditKind.PrepaidCard, "a", 100, NextYear),
        ]);
        Pay(state, new Charge("billing-center", 117, 0)).ShouldBe([("voucher:sooner", -5), ("voucher:later", -5), ("card:b", -100), ("card:a", -7), ("usage", 117)]);
    }

    [Fact]
    public void One_bill_may_have_several_payers() =>
        Pay(Full, new Charge(Cloud, 10, 0), new Charge("billing-center", 6, 0))
            .ShouldBe([("voucher:v", -5), ("voucher:f", -2), ("usage", 16), ("card:c", -9)], ignoreOrder: true);

    [Fact]
    public void A_correction_goes_back_to_cash_or_lowers_what_the_cloud_account_owes()
    {
        Pay(Full, new Charge("billing-center", -4, 1)).ShouldBe([("cash", 3), ("usage", -3)]);
        Pay(Full, new Charge(Cloud, -4, 0)).ShouldBe([("cloud:huawei-cloud/inst-1", 4), ("usage", -4)]);
        Pay(Full, new Charge("billing-center", 5, -3)).ShouldBe([("voucher:v", -2), ("usage", 2)]);
        WalletDecider.Pay(Full, "bill_1", Day, [new("billing-center", 3, -3)], Day0).ShouldBeNull("no money moves");
    }

    [Fact]
    public void A_card_first_repays_arrears_and_a_voucher_does_not()
    {
        var card = new Credit(CreditKind.PrepaidCard, "c", 0, NextYear);
        var owing = Wallet.Of(-30, []).With(card);
        var movements = WalletDecider.RedeemCard(owing, card, 100, "key");
        movements.Select(movement => movement.Kind).ShouldBe([MovementKinds.CardRedeemed, MovementKinds.ArrearsRepaid]);
        var after = movements.Aggregate(owing, (state, movement) => state.After(movement));
        (after.Cash, after.Credits.ShouldHaveSingleItem().Balance).ShouldBe((0, 70));
        WalletDecider.RedeemCard(Full, card, 100, "key").ShouldHaveSingleItem();
        WalletDecider.IssueVoucher(new(CreditKind.OrdinaryVoucher, "v", 0, NextYear), 50, "key").Cash.ShouldBe(0);
    }

    [Fact]
    public void What_is_left_on_an_expired_voucher_or_card_is_void_at_its_date()
    {
        var state = Wallet.Of(0, [new(CreditKind.OrdinaryVoucher, "v", 5, Day0), new(CreditKind.PrepaidCard, "c", 60, Day0.AddHours(14)), new(CreditKind.PrepaidCard, "d", 70, NextYear)]);
        var movements = WalletDecider.Expire(state, China, Day0.AddHours(14));
        movements.Select(m => (m.Kind, m.Reference, m.Day)).ShouldBe(
            [(MovementKinds.VoucherExpired, "v", new DateOnly(2026, 11, 2)), (MovementKinds.CardExpired, "c", new DateOnly(2026, 11, 3))]);
        movements.Aggregate(state, (before, movement) => before.After(movement)).Credits.ShouldHaveSingleItem().Id.ShouldBe("d");
    }

    [Fact]
    public void Whatever_is_changed_in_an_entry_changes_its_hash()
    {
        static string Hash(
            string account = "acct", long seq = 7, int microseconds = 0, string kind = "kind", string reference = "bill", int? day = 1, string? key = "key",
            decimal amount = 1, string ledger = "usage", byte[]? previous = null) =>
            Convert.ToHexString(new JournalEntry(
                account, seq, Day0.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond),
                new(kind, reference, day is { } d ? Day.AddDays(d) : null, key, [new("cash", -amount), new(ledger, amount)]), 0, previous ?? JournalEntry.NoHash).Hash);

        Hash(amount: 1.00m).ShouldBe(Hash(), "zeros at the end say nothing");
        string[] hashes =
        [
            Hash(), Hash(account: "other"), Hash(seq: 8), Hash(microseconds: 1), Hash(kind: "other"), Hash(reference: "other"), Hash(day: 2), Hash(day: null),
            Hash(key: "other"), Hash(key: null), Hash(amount: 1.01m), Hash(ledger: "other"), Hash(previous: [1]), Hash(kind: "kindb", reference: "ill"),
        ];
        hashes.Distinct().Count().ShouldBe(hashes.Length);
    }

    private static IEnumerable<(string, decimal)> Pay(Wallet state, params Charge[] charges) =>
        WalletDecider.Pay(state, "bill_1", Day, charges, Day0)!.Postings.Select(posting => (posting.Ledger, posting.Amount));
}
