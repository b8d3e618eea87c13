namespace Guance.Billing.Settlement.Domain;

/// <summary>A payer's part of a day, in whole seconds of those that have a payer.</summary>
/// <param name="Payer">Who pays.</param>
/// <param name="Numerator">Its seconds.</param>
/// <param name="Denominator">All payers' seconds.</param>
/// <param name="IsLast">The last of the day, who gets what the others leave of a split charge.</param>
internal sealed record DayShare(string Payer, long Numerator, long Denominator, bool IsLast);

internal static class Shares
{
    /// <summary>
    /// The shares of a day (rules §7). Seconds before the first span, when the workspace was not bound, count for nobody; if the whole day lies before it, the
    /// first payer has all of it.
    /// </summary>
    public static IReadOnlyList<DayShare> Of(IReadOnlyList<PayerSpan> spans, DateTimeOffset begins, DateTimeOffset ends)
    {
        var seconds = spans.Select(span => (span.Payer, Seconds: Math.Max(0, Second(Earlier(span.To ?? ends, ends)) - Second(Later(span.From, begins)))))
            .Where(span => span.Seconds > 0).ToArray();
        if (seconds.Length == 0)
        {
            return [new(spans.Last(span => span == spans[0] || span.From < ends).Payer, 1, 1, true)];
        }

        var all = seconds.Sum(span => span.Seconds);
        return [.. seconds.GroupBy(span => span.Payer).Select(payer => new DayShare(payer.Key, payer.Sum(span => span.Seconds), all, payer.Key == seconds[^1].Payer))];
    }

    private static long Second(DateTimeOffset at) => at.ToUnixTimeSeconds();

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
