using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>How samples of an item become a quantity (rules §7).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ItemAggregation>))]
public enum ItemAggregation
{
    /// <summary>Counted: quantities add up.</summary>
    [JsonStringEnumMemberName("sum")]
    Sum,

    /// <summary>A gauge: the highest sample of the hour, the highest hour of the day.</summary>
    [JsonStringEnumMemberName("max")]
    Max,
}

/// <summary>An item that can be metered at a site, as the price book names it.</summary>
/// <param name="Code">Such as <c>time-series</c>.</param>
/// <param name="Aggregation">How its samples become a quantity.</param>
/// <param name="RetentionDays">The retentions that it is priced by, ascending; empty where it has one price.</param>
/// <param name="DefaultRetentionDays">The retention of usage that names none; null where it has one price.</param>
public sealed record MeteredItem(string Code, ItemAggregation Aggregation, IReadOnlyList<int> RetentionDays, int? DefaultRetentionDays);

/// <summary>
/// The items that a site may meter, told to each site whenever a price book is published and when a site is first known: the whole list,
/// which replaces the one before. A site that has none yet takes no usage.
/// </summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the site's item catalogue.</param>
/// <param name="OccurredAt">When it was published.</param>
/// <param name="Site">The site.</param>
/// <param name="Items">Every item that has a price in the site's region and the deployment's currency.</param>
public sealed record ItemCatalogPublishedIntegrationEvent(
    Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, SiteCode Site, IReadOnlyList<MeteredItem> Items) : ITellsSite
{
    /// <inheritdoc/>
    public string Subject => "item-catalog";
}

/// <summary>
/// What a cloud subscription owes in all, stated when a day was closed (rules §8): the sum of all charges that its cloud account pays, after
/// vouchers and prepaid cards. Cumulative, so that a repetition or an overtaken one changes nothing; it can fall when a day is corrected.
/// </summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the instance's stream of charges: a later one replaces an earlier one.</param>
/// <param name="OccurredAt">When it was stated.</param>
/// <param name="Instance">The subscription.</param>
/// <param name="Day">The billing day that was closed.</param>
/// <param name="DayEndsAt">The end of that day, UTC: usage up to it is included.</param>
/// <param name="Amount">What the day added; negative where corrections outweigh.</param>
/// <param name="Total">What is owed in all, this day included.</param>
public sealed record CloudChargeStatedIntegrationEvent(
    Guid EventId, long SourceVersion, DateTimeOffset OccurredAt, CloudInstanceKey Instance, DateOnly Day, DateTimeOffset DayEndsAt, Money Amount, Money Total)
    : IIntegrationEvent;
