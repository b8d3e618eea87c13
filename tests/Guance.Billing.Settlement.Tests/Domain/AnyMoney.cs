using CsCheck;
using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Whatever is credited, charged and expires, in whatever order.</summary>
public sealed class AnyMoney
{
    private const string Cloud = "huawei-cloud/inst-1";
    private static readonly DateOnly Day = new(2026, 11, 1);
    private static readonly Gen<decimal> Cents = Gen.Int[0, 20_000].Select(cents => cents / 100m);
    private static readonly Gen<decimal> AnyCents = Gen.Int[-5_000, 20_000].Select(cents => cents / 100m);

    private static readonly Gen<Wallet> Wallets = Gen.Select(Gen.Int[-5_000, 20_000],
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 9_000], Gen.Int[-2, 9], (kind, cents, days) => (kind, cents, days)).Array[0, 6],
        (cash, credits) => Wallet.Of(cash / 100m, credits.Select((c, i) => new Credit((CreditKind)c.kind, $"{i}", c.cents / 100m, Day0.AddDays(c.days)))));

    private static readonly Gen<(int Act, decimal Amount, decimal Other, int Days)[]> Acts =
        Gen.Select(Gen.Int[0, 6], AnyCents, AnyCents, Gen.Int[0, 20], (act, amount, other, days) => (act, amount, other, days)).Array[0, 40];

    [Fact]
    public void Every_entry_sums_to_zero_balances_are_the_sums_of_their_postings_and_only_cash_is_ever_negative() =>
        Acts.Sample(acts =>
        {
            var wallet = new HeldWallet("acct", Wallet.Of(0, []), 0, JournalEntry.NoHash, DateTimeOffset.MinValue, null);
            var now = Day0;
            foreach (var (act, i) in acts.Select((act, i) => (act, i)))
            {
                now = now.AddHours(7);
                foreach (var movement in Do(wallet, act, i, now))
                {
                    wallet.Post(movement, now);
                }

                wallet.State.Credits.ShouldAllBe(credit => credit.Balance > 0);
                (wallet.ArrearsSince is not null).ShouldBe(wallet.State.Cash < 0);
            }

            wallet.Entries.ShouldAllBe(entry => entry.Movement.Postings.Sum(posting => posting.Amount) == 0);
            var sums = wallet.Entries.SelectMany(entry => entry.Movement.Postings).GroupBy(posting => posting.Ledger)
                .ToDictionary(ledger => ledger.Key, ledger => ledger.Sum(posting => posting.Amount));
            wallet.State.Cash.ShouldBe(sums.GetValueOrDefault(Ledgers.Cash));
            sums.Where(sum => Ledgers.IsCredit(sum.Key) && sum.Value != 0).ShouldBe(
                wallet.State.Credits.Select(credit => KeyValuePair.Create(credit.Ledger, credit.Balance)), ignoreOrder: true);
            wallet.Entries.Select(entry => entry.CashAfter).LastOrDefault().ShouldBe(wallet.State.Cash);
        });

    [Fact]
    public void Vouchers_give_what_they_can_then_cards_then_the_payer_and_within_a_kind_what_expires_first() =>
        Gen.Select(Wallets, Cents, Cents, Gen.Bool).Sample((state, eligible, excluded, byCloud) =>
        {
            var usable = state.Credits.Where(credit => credit.ExpiresAt > Day0).ToArray();
            var taken = Taken(WalletDecider.Pay(state, "bill", Day, [new(byCloud ? Cloud : "billing-center", eligible, excluded)], Day0));
            var byVouchers = Math.Min(eligible, usable.Where(credit => credit.IsVoucher).Sum(credit => credit.Balance));
            var byCards = Math.Min(eligible + excluded - byVouchers, usable.Where(credit => !credit.IsVoucher).Sum(credit => credit.Balance));
            usable.Where(credit => credit.IsVoucher).Sum(credit => taken.GetValueOrDefault(credit.Ledger)).ShouldBe(byVouchers);
            usable.Where(credit => !credit.IsVoucher).Sum(credit => taken.GetValueOrDefault(credit.Ledger)).ShouldBe(byCards);
            taken.GetValueOrDefault(byCloud ? Ledgers.Cloud(Cloud) : Ledgers.Cash).ShouldBe(eligible + excluded - byVouchers - byCards);
            foreach (var group in usable.GroupBy(credit => credit.IsVoucher))
            {
                var inOrder = group.OrderBy(credit => credit.Kind).ThenBy(credit => credit.ExpiresAt).ThenBy(credit => credit.Id).ToArray();
                inOrder.SkipWhile(credit => taken.GetValueOrDefault(credit.Ledger) == credit.Balance).Skip(1).ShouldAllBe(credit => !taken.ContainsKey(credit.Ledger));
            }
        });

    [Fact]
    public void Splitting_a_bill_does_not_matter() =>
        Gen.Select(Wallets, Gen.Select(Cents, Cents).Array[1, 5], Gen.Bool).Sample((state, parts, byCloud) =>
        {
            var payer = byCloud ? Cloud : "billing-center";
            var (bySteps, owedBySteps) = (state, 0m);
            foreach (var (eligible, excluded) in parts)
            {
                if (WalletDecider.Pay(bySteps, "bill", Day, [new(payer, eligible, excluded)], Day0) is { } movement)
                {
                    bySteps = bySteps.After(movement);
                    owedBySteps += Taken(movement).GetValueOrDefault(Ledgers.Cloud(Cloud));
                }
            }

            var whole = WalletDecider.Pay(state, "bill", Day, [new(payer, parts.Sum(part => part.Item1), parts.Sum(part => part.Item2))], Day0);
            var atOnce = whole is null ? state : state.After(whole);
            bySteps.Cash.ShouldBe(atOnce.Cash);
            bySteps.Credits.ShouldBe(atOnce.Credits);
            owedBySteps.ShouldBe(Taken(whole).GetValueOrDefault(Ledgers.Cloud(Cloud)));
        });

    private static IEnumerable<Movement> Do(HeldWallet wallet, (int Act, decimal Amount, decimal Other, int Days) act, int i, DateTimeOffset now)
    {
        var amount = Math.Abs(act.Amount) + 0.01m;
        var credit = new Credit((CreditKind)(act.Act % 3), $"{i}", 0, now.AddDays(act.Days));
        switch (act.Act)
        {
            case 0 or 1:
                wallet.Add(credit);
                return [WalletDecider.IssueVoucher(credit, amount, $"{i}")];
            case 2:
                wallet.Add(credit);
                return WalletDecider.RedeemCard(wallet.State, credit, amount, $"{i}");
            case 3:
                return [WalletDecider.CreditCash(amount, "by", $"{i}")];
            case 4:
                return WalletDecider.Expire(wallet.State, China, now);
            default:
                var payment = WalletDecider.Pay(wallet.State, $"{i}", Day, [new("billing-center", act.Amount, act.Other), new(Cloud, act.Other, act.Amount)], now);
                return payment is null ? [] : [payment];
        }
    }

    private static Dictionary<string, decimal> Taken(Movement? movement) =>
        movement is null ? [] : movement.Postings.Where(posting => posting.Ledger != Ledgers.Usage).ToDictionary(posting => posting.Ledger, posting => -posting.Amount);
}
