using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Guance.Billing.Settlement.Domain;

/// <summary>
/// The ledgers of an account's journal. Amounts are positive where a ledger grows; the outside gives what comes in and takes what is void.
/// </summary>
internal static class Ledgers
{
    /// <summary>Negative: arrears.</summary>
    public const string Cash = "cash";

    /// <summary>What was charged for usage.</summary>
    public const string Usage = "usage";

    public const string VoucherPrefix = "voucher:";
    public const string CardPrefix = "card:";

    /// <summary>Then the payer. Negative: owed by that cloud subscription.</summary>
    public const string CloudPrefix = "cloud:";

    public const string OutsideCash = "outside:cash";
    public const string OutsideGrant = "outside:grant";
    public const string OutsideCard = "outside:card";
    public const string OutsideExpired = "outside:expired";

    public static string Cloud(string payer) => CloudPrefix + payer;

    public static bool IsCredit(string ledger) =>
        ledger.StartsWith(VoucherPrefix, StringComparison.Ordinal) || ledger.StartsWith(CardPrefix, StringComparison.Ordinal);
}

/// <summary>What moves money; stored for ever.</summary>
internal static class MovementKinds
{
    public const string UsageCharged = "usage-charged";
    public const string CashCredited = "cash-credited";
    public const string VoucherIssued = "voucher-issued";
    public const string CardRedeemed = "card-redeemed";
    public const string ArrearsRepaid = "arrears-repaid";
    public const string VoucherExpired = "voucher-expired";
    public const string CardExpired = "card-expired";
}

/// <summary>An amount on one ledger.</summary>
internal readonly record struct Posting(string Ledger, decimal Amount);

/// <summary>A balanced movement of money within one account.</summary>
internal sealed record Movement
{
    public Movement(string kind, string reference, DateOnly? day, string? key, IReadOnlyList<Posting> postings)
    {
        if (postings.Sum(posting => posting.Amount) != 0)
        {
            throw new InvalidOperationException($"{kind} {reference} does not sum to zero: {string.Join(", ", postings)}.");
        }

        (Kind, Reference, Day, Key, Postings) = (kind, reference, day, key, postings);
    }

    public string Kind { get; }

    /// <summary>The bill, voucher or card; or who gave the cash.</summary>
    public string Reference { get; }

    /// <summary>The billing day that it is about: of the bill, or of the expiry.</summary>
    public DateOnly? Day { get; }

    /// <summary>Once for ever in an account; null for what follows from another entry or from time.</summary>
    public string? Key { get; }

    public IReadOnlyList<Posting> Postings { get; }

    /// <summary>What it adds to the cash.</summary>
    public decimal Cash => Postings.Sum(posting => posting.Ledger == Ledgers.Cash ? posting.Amount : 0);
}

/// <summary>A movement in its place in the account's journal; its hash covers itself and the hash before it.</summary>
internal sealed record JournalEntry(string Account, long Seq, DateTimeOffset At, Movement Movement, decimal CashAfter, byte[] PreviousHash)
{
    /// <summary>Stands before the first entry.</summary>
    public static byte[] NoHash => new byte[SHA256.HashSizeInBytes];

    public byte[] Hash { get; } = Chain(PreviousHash, Account, Seq, At, Movement);

    /// <summary>Times are kept to the microsecond, so no more of them is hashed.</summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));

    /// <summary>
    /// SHA-256 of the previous hash followed by the canonical form. That is a row of fields, each as its length in bytes, a colon and its
    /// UTF-8 bytes: the form's number <c>1</c>; account; seq; microseconds since 1970 UTC; kind; reference; day as yyyy-MM-dd, empty where
    /// none; idempotency key, empty where none; then of each posting in order ledger and amount, a decimal without trailing zeros.
    /// </summary>
    private static byte[] Chain(byte[] previous, string account, long seq, DateTimeOffset at, Movement movement)
    {
        var form = new ArrayBufferWriter<byte>(512);
        form.Write(previous);
        Field("1");
        Field(account);
        Field(seq.ToString(CultureInfo.InvariantCulture));
        Field(((at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture));
        Field(movement.Kind);
        Field(movement.Reference);
        Field(movement.Day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "");
        Field(movement.Key ?? "");
        foreach (var posting in movement.Postings)
        {
            Field(posting.Ledger);
            Field(posting.Amount.ToString("0.############################", CultureInfo.InvariantCulture));
        }

        return SHA256.HashData(form.WrittenSpan);

        void Field(string text)
        {
            Span<byte> length = stackalloc byte[11];
            Encoding.UTF8.GetByteCount(text).TryFormat(length, out var digits, provider: CultureInfo.InvariantCulture);
            length[digits] = (byte)':';
            form.Write(length[..(digits + 1)]);
            Encoding.UTF8.GetBytes(text, form);
        }
    }
}
