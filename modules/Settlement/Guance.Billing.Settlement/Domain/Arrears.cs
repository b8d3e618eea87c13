using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Domain;

/// <summary>The account's cash fell below zero; its people are mailed.</summary>
internal sealed record ArrearsBegan(DateTimeOffset Since, Money Owed, DateTimeOffset At);

/// <summary>Three days before the lock its people were reminded.</summary>
internal sealed record ArrearsReminded(DateTimeOffset Since, Money Owed, DateTimeOffset At);

/// <summary>Every workspace that the account pays for is locked.</summary>
internal sealed record ArrearsLocked(DateTimeOffset Since, Money Owed, DateTimeOffset At);

/// <summary>The account owes nothing any more; the locks are lifted.</summary>
internal sealed record ArrearsCleared(DateTimeOffset Since, string By, DateTimeOffset At);

/// <summary>How far the clock of arrears has gone.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ArrearsStep>))]
internal enum ArrearsStep
{
    [JsonStringEnumMemberName("began")]
    Began,

    [JsonStringEnumMemberName("reminded")]
    Reminded,

    [JsonStringEnumMemberName("locked")]
    Locked,
}

/// <summary>The arrears that an account's facts tell of; the wallet is the authority, and the facts follow it.</summary>
internal sealed record AccountArrears(DateTimeOffset Since, ArrearsStep Step);

/// <summary>The clock of arrears (rules §8): mail, reminder on day 11, lock after 14 days. Pure.</summary>
internal static class ArrearsDecider
{
    public static readonly TimeSpan ReminderAfter = TimeSpan.FromDays(11);
    public static readonly TimeSpan LockAfter = TimeSpan.FromDays(14);

    /// <summary>
    /// What has become due: every step, in order, also when several are. Facts that tell of other arrears than the wallet's are cleared
    /// first, and by themselves.
    /// </summary>
    /// <param name="state">The account.</param>
    /// <param name="since">Since when the wallet is in arrears; null when it is not.</param>
    /// <param name="owed">What is missing.</param>
    /// <param name="now">The present instant.</param>
    public static IReadOnlyList<object> Due(BillingAccount state, DateTimeOffset? since, Money owed, DateTimeOffset now)
    {
        var noted = state.Arrears;
        if (noted is not null && noted.Since != since)
        {
            return Clear(state, "system", now);
        }

        if (since is not { } began)
        {
            return [];
        }

        var events = new List<object>();
        if (noted is null)
        {
            events.Add(new ArrearsBegan(began, owed, now));
        }

        if (noted is null or { Step: ArrearsStep.Began } && now >= began + ReminderAfter)
        {
            events.Add(new ArrearsReminded(began, owed, now));
        }

        if (noted is not { Step: ArrearsStep.Locked } && now >= began + LockAfter)
        {
            events.Add(new ArrearsLocked(began, owed, now));
        }

        return events;
    }

    /// <summary>When something becomes due next, once what is due now is done.</summary>
    public static DateTimeOffset? NextAt(DateTimeOffset? since, DateTimeOffset now) =>
        now < since + ReminderAfter ? since + ReminderAfter
        : now < since + LockAfter ? since + LockAfter
        : null;

    public static IReadOnlyList<object> Clear(BillingAccount state, string by, DateTimeOffset now) =>
        state.Arrears is { } noted ? [new ArrearsCleared(noted.Since, by, now)] : [];
}
