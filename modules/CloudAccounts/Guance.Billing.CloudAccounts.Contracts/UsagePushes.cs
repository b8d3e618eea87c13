using System.Text.Json.Serialization;

namespace Guance.Billing.CloudAccounts.Contracts;

/// <summary>Where a record pushed to a marketplace stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UsagePushState>))]
public enum UsagePushState
{
    /// <summary>Kept, with its serial number; not sent, or sent without an answer: it is sent again as it is.</summary>
    [JsonStringEnumMemberName("unanswered")]
    Unanswered,

    /// <summary>The market took it.</summary>
    [JsonStringEnumMemberName("accepted")]
    Accepted,

    /// <summary>The market refused it, with its reason; what it held goes out again in a new window.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,
}

/// <summary>One record pushed to a marketplace.</summary>
/// <param name="Instance">The subscription.</param>
/// <param name="MeteringSn">Its serial number, unique for ever.</param>
/// <param name="Day">The billing day through which it pays.</param>
/// <param name="BeginsAt">The window's beginning, UTC.</param>
/// <param name="EndsAt">The window's end, UTC.</param>
/// <param name="Amount">The amount, at most 4 decimals.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Code">The market's code of a rejection, such as <c>013</c>.</param>
/// <param name="Reason">The market's words.</param>
/// <param name="PreparedAt">When it was kept.</param>
/// <param name="AnsweredAt">When the market answered it.</param>
public sealed record UsagePush(
    CloudInstanceKey Instance, string MeteringSn, DateOnly Day, DateTimeOffset BeginsAt, DateTimeOffset EndsAt, decimal Amount,
    UsagePushState State, string? Code, string? Reason, DateTimeOffset PreparedAt, DateTimeOffset? AnsweredAt);

/// <summary>The records pushed for days from one to another, both included, by instance and then by time; at most 100,000.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
/// <param name="Instance">Only this subscription's; null for all.</param>
public sealed record ListUsagePushes(DateOnly From, DateOnly To, CloudInstanceKey? Instance) : IQuery<IReadOnlyList<UsagePush>>;

/// <summary>What became of one subscription's charges of one day, as this module knows it.</summary>
/// <param name="Instance">The subscription.</param>
/// <param name="Day">The billing day.</param>
/// <param name="Stated">What Settlement stated for the day; null where it stated nothing.</param>
/// <param name="Accepted">What the market took in records of the day.</param>
/// <param name="Unanswered">What is on its way in records of the day.</param>
/// <param name="Rejected">What the market refused in records of the day; it goes out again in records of a later window.</param>
/// <param name="Billed">What the market's imported bills say for the day; null where none is imported for it.</param>
public sealed record CloudChargeDay(
    CloudInstanceKey Instance, DateOnly Day, decimal? Stated, decimal Accepted, decimal Unanswered, decimal Rejected, decimal? Billed);

/// <summary>Charges by subscription and day, days from one to another, both included, in order of instance and day.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day.</param>
public sealed record ListCloudChargeDays(DateOnly From, DateOnly To) : IQuery<IReadOnlyList<CloudChargeDay>>;

/// <summary>A purchase of prepaid cards on a cloud's market.</summary>
/// <param name="OrderNumber">The order.</param>
/// <param name="AccountId">The cloud account that bought it.</param>
/// <param name="FaceValue">The cards' value together: what was ordered, before any discount; a multiple of 100.</param>
/// <param name="PlacedAt">When it was ordered.</param>
public sealed record PrepaidCardOrder(string OrderNumber, string AccountId, Money FaceValue, DateTimeOffset PlacedAt);

/// <summary>
/// The purchase of prepaid cards behind an order number, asked of the market now; null if there is no such order, it is another account's,
/// or it is for something else. The market not answering is an outage.
/// </summary>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account that says it bought.</param>
/// <param name="OrderNumber">The order.</param>
public sealed record FindPrepaidCardOrder(CloudProvider Provider, string AccountId, string OrderNumber) : IQuery<PrepaidCardOrder?>;
