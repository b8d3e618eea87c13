namespace Guance.Billing.Settlement.Domain;

/// <summary>What can pay before cash, in the order in which it does (rules §8).</summary>
internal enum CreditKind
{
    OrdinaryVoucher,

    FullReductionVoucher,

    PrepaidCard,
}

/// <summary>A voucher or prepaid card. From the instant at which it expires it pays nothing.</summary>
internal sealed record Credit(CreditKind Kind, string Id, decimal Balance, DateTimeOffset ExpiresAt)
{
    public string Ledger { get; } = (Kind is CreditKind.PrepaidCard ? Ledgers.CardPrefix : Ledgers.VoucherPrefix) + Id;

    public bool IsVoucher => Kind is not CreditKind.PrepaidCard;
}

/// <summary>What a bill charges to one payer; vouchers cannot pay what is excluded from them.</summary>
internal readonly record struct Charge(string Payer, decimal Eligible, decimal Excluded);

/// <summary>The money of one billing account: cash, negative in arrears, and the credits in the order in which they pay.</summary>
internal sealed record Wallet(decimal Cash, IReadOnlyList<Credit> Credits)
{
    public static Wallet Of(decimal cash, IEnumerable<Credit> credits) => new(cash,
        [.. credits.OrderBy(credit => credit.Kind).ThenBy(credit => credit.ExpiresAt).ThenBy(credit => credit.Id, StringComparer.Ordinal)]);

    public Wallet With(Credit credit) => Of(Cash, Credits.Append(credit));

    /// <summary>The wallet once the movement is in the journal; what is used up drops out.</summary>
    public Wallet After(Movement movement)
    {
        var cash = Cash;
        Credit[]? credits = null;
        foreach (var posting in movement.Postings)
        {
            if (posting.Ledger == Ledgers.Cash)
            {
                cash += posting.Amount;
            }
            else if (Ledgers.IsCredit(posting.Ledger))
            {
                credits ??= [.. Credits];
                var at = Array.FindIndex(credits, credit => credit.Ledger == posting.Ledger);
                credits[at] = credits[at] with { Balance = credits[at].Balance + posting.Amount };
            }
        }

        return new(cash, credits is null ? Credits : [.. credits.Where(credit => credit.Balance != 0)]);
    }
}

/// <summary>Every movement of money (rules §8). Pure; each movement sums to zero.</summary>
internal static class WalletDecider
{
    /// <summary>
    /// Pays a bill: ordinary vouchers, full-reduction vouchers, prepaid cards, each the one that expires first; what is left is cash, down
    /// into arrears, or, where a cloud account pays, owed by that. A payer whose charges are negative in all gets them back there.
    /// Null when no money moves.
    /// </summary>
    public static Movement? Pay(Wallet state, string bill, DateOnly day, IEnumerable<Charge> charges, DateTimeOffset now)
    {
        var postings = new Postings();
        var left = state.Credits.Count == 0 ? [] : state.Credits.Select(credit => now < credit.ExpiresAt ? credit.Balance : 0).ToArray();
        foreach (var charge in charges.OrderBy(charge => charge.Payer, StringComparer.Ordinal))
        {
            var total = charge.Eligible + charge.Excluded;
            var forVouchers = Math.Clamp(charge.Eligible, 0, Math.Max(total, 0));
            var rest = total;
            for (var i = 0; i < left.Length && rest > 0; i++)
            {
                var credit = state.Credits[i];
                var taken = Math.Min(left[i], credit.IsVoucher ? forVouchers : rest);
                left[i] -= taken;
                rest -= taken;
                forVouchers -= credit.IsVoucher ? taken : 0;
                postings.Add(credit.Ledger, -taken);
            }

            postings.Add(charge.Payer == SettlementMethod.BillingCenter.Value ? Ledgers.Cash : Ledgers.Cloud(charge.Payer), -rest);
            postings.Add(Ledgers.Usage, total);
        }

        return postings.ToMovement(MovementKinds.UsageCharged, bill, day, bill);
    }

    /// <summary>Cash comes in; what is missing is repaid by that alone.</summary>
    public static Movement CreditCash(decimal amount, string reference, string key) =>
        new(MovementKinds.CashCredited, reference, null, key, [new(Ledgers.OutsideCash, -amount), new(Ledgers.Cash, amount)]);

    /// <summary>A voucher is granted. It repays no arrears.</summary>
    public static Movement IssueVoucher(Credit voucher, decimal faceValue, string key) =>
        new(MovementKinds.VoucherIssued, voucher.Id, null, key, [new(Ledgers.OutsideGrant, -faceValue), new(voucher.Ledger, faceValue)]);

    /// <summary>A card comes in; value of it first repays arrears.</summary>
    public static IReadOnlyList<Movement> RedeemCard(Wallet state, Credit card, decimal faceValue, string key)
    {
        var redeemed = new Movement(MovementKinds.CardRedeemed, card.Id, null, key, [new(Ledgers.OutsideCard, -faceValue), new(card.Ledger, faceValue)]);
        var repaid = Math.Min(faceValue, Math.Max(-state.Cash, 0));
        return repaid == 0
            ? [redeemed]
            : [redeemed, new(MovementKinds.ArrearsRepaid, card.Id, null, null, [new(card.Ledger, -repaid), new(Ledgers.Cash, repaid)])];
    }

    /// <summary>What is left on expired vouchers and cards is void.</summary>
    public static IReadOnlyList<Movement> Expire(Wallet state, TimeZoneInfo zone, DateTimeOffset now) =>
    [
        .. state.Credits.Where(credit => credit.ExpiresAt <= now && credit.Balance > 0).Select(credit => new Movement(
            credit.IsVoucher ? MovementKinds.VoucherExpired : MovementKinds.CardExpired,
            credit.Id,
            DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(credit.ExpiresAt, zone).DateTime),
            null,
            [new(credit.Ledger, -credit.Balance), new(Ledgers.OutsideExpired, credit.Balance)])),
    ];

    /// <summary>Adds up amounts by ledger, in the order in which the ledgers come.</summary>
    private sealed class Postings
    {
        private readonly List<Posting> postings = [];

        public void Add(string ledger, decimal amount)
        {
            if (amount == 0)
            {
                return;
            }

            var at = postings.FindIndex(posting => posting.Ledger == ledger);
            if (at < 0)
            {
                postings.Add(new(ledger, amount));
            }
            else
            {
                postings[at] = new(ledger, postings[at].Amount + amount);
            }
        }

        public Movement? ToMovement(string kind, string reference, DateOnly? day, string? key)
        {
            postings.RemoveAll(posting => posting.Amount == 0);
            return postings.Count == 0 ? null : new(kind, reference, day, key, postings);
        }
    }
}
