using Guance.Billing.Registration.Contracts;

namespace Guance.Billing.Registration.Domain;

/// <summary>The rules of the code that confirms an e-mail address (rules §2, step 1): 6 digits, 10 minutes, 5 tries, again after 60 s.</summary>
internal static class EmailCodeRules
{
    public const int TriesMax = 5;

    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(60);

    /// <summary>Judges a try; the caller counts it when it is <see cref="CodeOutcome.Wrong"/>.</summary>
    /// <param name="matches">Whether the code is the one that was mailed.</param>
    /// <param name="triesLeft">Tries left before this one.</param>
    /// <param name="sentAt">When the code was mailed.</param>
    /// <param name="now">When it is tried.</param>
    public static CodeOutcome Judge(bool matches, int triesLeft, DateTimeOffset sentAt, DateTimeOffset now)
    {
        if (triesLeft <= 0)
        {
            return CodeOutcome.TriesUsedUp;
        }

        if (now >= sentAt + Lifetime)
        {
            return CodeOutcome.Expired;
        }

        return matches ? CodeOutcome.Confirmed : CodeOutcome.Wrong;
    }

    /// <summary>Refuses a further code when the last one was mailed less than 60 s ago.</summary>
    /// <exception cref="BillingRefusal"><c>code-sent-recently</c>, with <c>retryAfterSeconds</c>.</exception>
    public static void RequireResendAllowed(DateTimeOffset sentAt, DateTimeOffset now)
    {
        if (SecondsUntilResend(sentAt, now) is > 0 and var seconds)
        {
            throw Refuse.CodeSentRecently(seconds);
        }
    }

    /// <summary>Whole seconds until a further code may be asked for; 0 when it may.</summary>
    public static int SecondsUntilResend(DateTimeOffset sentAt, DateTimeOffset now) =>
        (int)Math.Max(0, ((sentAt + ResendAfter - now).Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond);
}
