using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>What was rated, pushed and billed, by subscription and day (rules §8); what is not in order comes first.</summary>
/// <remarks>Refusals: <c>days-invalid</c>, <c>limit-invalid</c>.</remarks>
/// <param name="From">The first day; null for the first of the last day's month.</param>
/// <param name="To">The last day, at most 62 at once; null for yesterday.</param>
/// <param name="Limit">1 to 500 subscriptions.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ReconcileSubscriptions(DateOnly? From, DateOnly? To, int Limit, int? Cursor) : IQuery<ReconciliationView>;

/// <summary>One subscription, three sides: what was rated, what was pushed, what the market billed.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID.</param>
/// <param name="Rated">What the days' bills left to the cloud account.</param>
/// <param name="Accepted">What the market took.</param>
/// <param name="Billed">What the market billed, as far as its bills are imported; null where none is.</param>
/// <param name="IsInOrder">Every difference is zero or explains itself.</param>
/// <param name="Differences">Between what is owed and what was pushed, all days together.</param>
/// <param name="Days">Day by day, with what differs within the day.</param>
public sealed record ReconciledSubscription(
    CloudProvider Provider, string InstanceId, decimal Rated, decimal Accepted, decimal? Billed, bool IsInOrder,
    IReadOnlyList<Difference> Differences, IReadOnlyList<ReconciledDayView> Days);

/// <summary>One day of a subscription, from all sides.</summary>
/// <param name="Date">The billing day.</param>
/// <param name="Rated">What the day's bills left to the cloud account.</param>
/// <param name="Stated">What the module that pushes was told for the day.</param>
/// <param name="Accepted">What the market took in records of the day.</param>
/// <param name="Unanswered">What is on its way in records of the day.</param>
/// <param name="Rejected">What the market refused in records of the day.</param>
/// <param name="Billed">What the market billed for the day; null where no bill of the month is imported.</param>
/// <param name="Differences">What differs within the day.</param>
public sealed record ReconciledDayView(
    DateOnly Date, decimal Rated, decimal Stated, decimal Accepted, decimal Unanswered, decimal Rejected, decimal? Billed, IReadOnlyList<Difference> Differences);

/// <summary>Subscriptions from all sides, those that are not in order first.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
/// <param name="Currency">Of all amounts.</param>
/// <param name="Subscriptions">How many have charges or pushes in these days.</param>
/// <param name="InOrder">How many of them are in order.</param>
/// <param name="Items">Those that are not come first.</param>
/// <param name="NextCursor">Of the next page.</param>
public sealed record ReconciliationView(
    DateOnly From, DateOnly To, Currency Currency, int Subscriptions, int InOrder, IReadOnlyList<ReconciledSubscription> Items, string? NextCursor);

/// <summary>What explains that a day's three sides are not one number, or that nothing does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DifferenceKind>))]
public enum DifferenceKind
{
    /// <summary>What was rated was not (yet) stated in full.</summary>
    [JsonStringEnumMemberName("not-stated")]
    NotStated,

    /// <summary>More was stated than the journal holds: a bill or an entry is missing, or was changed.</summary>
    [JsonStringEnumMemberName("stated-without-charge")]
    StatedWithoutCharge,

    /// <summary>What was refused and goes out again in a later window.</summary>
    [JsonStringEnumMemberName("goes-out-again")]
    GoesOutAgain,

    /// <summary>It is on its way; the market has not answered.</summary>
    [JsonStringEnumMemberName("on-its-way")]
    OnItsWay,

    /// <summary>What is owed below the smallest amount that the market takes: carried.</summary>
    [JsonStringEnumMemberName("residue")]
    Residue,

    /// <summary>Owed and not pushed.</summary>
    [JsonStringEnumMemberName("not-pushed")]
    NotPushed,

    /// <summary>The market took more than is owed.</summary>
    [JsonStringEnumMemberName("pushed-beyond-charge")]
    PushedBeyondCharge,

    /// <summary>The market billed less than it took.</summary>
    [JsonStringEnumMemberName("not-billed")]
    NotBilled,

    /// <summary>The market billed more than it took.</summary>
    [JsonStringEnumMemberName("billed-beyond-push")]
    BilledBeyondPush,
}

/// <summary>A difference and its exact amount.</summary>
/// <param name="Kind">What explains it, or that nothing does.</param>
/// <param name="Amount">How much.</param>
public sealed record Difference(DifferenceKind Kind, decimal Amount)
{
    /// <summary>Whether it is in the way of things and ends by itself; if not, a person has to look.</summary>
    public bool IsExplained => Kind is DifferenceKind.GoesOutAgain or DifferenceKind.OnItsWay or DifferenceKind.Residue;
}
