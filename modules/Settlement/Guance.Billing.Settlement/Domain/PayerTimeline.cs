namespace Guance.Billing.Settlement.Domain;

/// <summary>From an instant on, a payer by method: <c>billing-center</c>, or the subscription as <c>provider/instance</c>.</summary>
internal sealed record MethodCut(DateTimeOffset From, string Payer);

/// <summary>A reason to lock, from an instant up to another; null while it holds.</summary>
internal sealed record LockSpan(LockReason Reason, DateTimeOffset From, DateTimeOffset? To);

/// <summary>Who pays what is used from an instant up to another; null for ever.</summary>
internal sealed record PayerSpan(DateTimeOffset From, DateTimeOffset? To, string Payer);

/// <summary>
/// Who pays at each instant (rules §4, §6): the billing account while any reason to lock holds, else the method. Made of two histories, so that a
/// fact that arrives late takes its place in the past. Instants are whole microseconds, as PostgreSQL keeps them.
/// </summary>
internal static class PayerTimeline
{
    public const string BillingCenter = "billing-center";

    public static string PayerOf(CloudLink? cloud) => cloud?.Instance.ToString() ?? BillingCenter;

    public static IReadOnlyList<MethodCut> Cut(IReadOnlyList<MethodCut> cuts, DateTimeOffset at, CloudLink? cloud) =>
        [.. cuts.Where(cut => cut.From < Instant(at)), new(Instant(at), PayerOf(cloud))];

    public static IReadOnlyList<LockSpan> Lock(IReadOnlyList<LockSpan> locks, LockReason reason, DateTimeOffset at) => [.. locks, new(reason, Instant(at), null)];

    /// <summary>Ends a reason, or all of them, at an instant.</summary>
    public static IReadOnlyList<LockSpan> Lift(IReadOnlyList<LockSpan> locks, LockReason? reason, DateTimeOffset at) =>
    [
        .. locks.Select(span => span.To is null && (reason is null || span.Reason == reason) ? span with { To = Instant(at) } : span)
            .Where(span => span.To is null || span.From < span.To),
    ];

    /// <summary>The spans, without a gap from the first cut on; neighbours have different payers.</summary>
    public static IReadOnlyList<PayerSpan> Spans(IReadOnlyList<MethodCut> cuts, IReadOnlyList<LockSpan> locks)
    {
        var begin = cuts[0].From;
        var spans = new List<PayerSpan>();
        foreach (var from in cuts.Select(cut => cut.From).Concat(locks.Select(span => span.From)).Concat(locks.Select(span => span.To).OfType<DateTimeOffset>())
            .Where(at => at >= begin).Distinct().Order())
        {
            var payer = locks.Any(span => span.From <= from && (span.To is null || from < span.To))
                ? BillingCenter
                : cuts.Last(cut => cut.From <= from).Payer;
            if (spans.Count > 0 && spans[^1].Payer == payer)
            {
                continue;
            }

            if (spans.Count > 0)
            {
                spans[^1] = spans[^1] with { To = from };
            }

            spans.Add(new(from, null, payer));
        }

        return spans;
    }

    private static DateTimeOffset Instant(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
