using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>What is known of one subscription's charges of one day, from three sides.</summary>
/// <param name="Day">The billing day.</param>
/// <param name="Rated">What the day's bills left to the cloud account, after vouchers and prepaid cards; from the journal.</param>
/// <param name="Stated">What the module that pushes was told for the day.</param>
/// <param name="Accepted">What the market took in records of the day.</param>
/// <param name="Unanswered">What is on its way to the market in records of the day.</param>
/// <param name="Rejected">What the market refused in records of the day.</param>
/// <param name="Billed">What the market's imported bill says for the day; null where no bill of the month is imported.</param>
internal sealed record ReconciledDay(DateOnly Day, decimal Rated, decimal Stated, decimal Accepted, decimal Unanswered, decimal Rejected, decimal? Billed);

/// <summary>A subscription's three sides through a range of days: every difference is zero or explained (rules §8).</summary>
internal static class Reconciliation
{
    /// <summary>The market takes 4 decimals.</summary>
    private const decimal Smallest = 0.0001m;

    /// <summary>The differences of one day's sides that show in that day alone.</summary>
    public static IReadOnlyList<Difference> OfDay(ReconciledDay day)
    {
        var differences = new List<Difference>();
        if (day.Rated != day.Stated)
        {
            differences.Add(day.Rated > day.Stated ? new(DifferenceKind.NotStated, day.Rated - day.Stated) : new(DifferenceKind.StatedWithoutCharge, day.Stated - day.Rated));
        }

        if (day.Billed is { } billed && billed != day.Accepted)
        {
            differences.Add(billed > day.Accepted ? new(DifferenceKind.BilledBeyondPush, billed - day.Accepted) : new(DifferenceKind.NotBilled, day.Accepted - billed));
        }

        return differences;
    }

    /// <summary>
    /// The differences between what was stated and what was pushed in all days up to the last: what a day lacks can have come with a later
    /// one, so only the sum tells. <paramref name="openRejected"/> is what the last records' rejections left to go out again.
    /// </summary>
    public static IReadOnlyList<Difference> OfPushes(IReadOnlyCollection<ReconciledDay> days, decimal openRejected)
    {
        var missing = days.Sum(day => day.Stated) - days.Sum(day => day.Accepted);
        if (missing < 0)
        {
            return [new(DifferenceKind.PushedBeyondCharge, -missing)];
        }

        var differences = new List<Difference>();
        Take(DifferenceKind.OnItsWay, days.Sum(day => day.Unanswered));
        Take(DifferenceKind.GoesOutAgain, openRejected);
        Take(missing < Smallest ? DifferenceKind.Residue : DifferenceKind.NotPushed, missing);
        return differences;

        void Take(DifferenceKind kind, decimal amount)
        {
            var taken = Math.Min(amount, missing);
            if (taken > 0)
            {
                differences.Add(new(kind, taken));
                missing -= taken;
            }
        }
    }
}
