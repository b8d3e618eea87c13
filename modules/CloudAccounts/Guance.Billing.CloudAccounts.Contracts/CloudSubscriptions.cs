using System.Text.Json.Serialization;

namespace Guance.Billing.CloudAccounts.Contracts;

/// <summary>Where a cloud subscription stands (rules §3): <c>requested</c> → <c>active</c> ⇄ <c>frozen</c> → <c>closed</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CloudSubscriptionState>))]
public enum CloudSubscriptionState
{
    /// <summary>The market asked for it; the order behind it is not known yet.</summary>
    [JsonStringEnumMemberName("requested")]
    Requested,

    /// <summary>Open: workspaces can be settled by it.</summary>
    [JsonStringEnumMemberName("active")]
    Active,

    /// <summary>Suspended by the market; the workspaces settled by it are locked and keep their link.</summary>
    [JsonStringEnumMemberName("frozen")]
    Frozen,

    /// <summary>Closed for ever; buying again gives a new product instance ID.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,
}

/// <summary>What is known of one cloud subscription.</summary>
/// <param name="Id">Our id of it.</param>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID that the customer sees.</param>
/// <param name="AccountId">The cloud account that bought it; null until the order is known.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ChargingMode">As the order says, such as <c>ON_DEMAND</c>; null until the order is known.</param>
/// <param name="RequestedAt">When the market asked for it.</param>
/// <param name="ActivatedAt">When it became active.</param>
/// <param name="ExpiresAt">When a period product runs out, if it does; null once closed.</param>
/// <param name="ClosedAt">When it was closed.</param>
/// <param name="BuyerName">The buyer recorded in the order.</param>
/// <param name="BuyerEmail">The buyer's mail address recorded in the order; a first claim is announced there.</param>
public sealed record CloudSubscriptionFacts(
    CloudSubscriptionId Id,
    CloudProvider Provider,
    string InstanceId,
    string? AccountId,
    CloudSubscriptionState State,
    string? ChargingMode,
    DateTimeOffset RequestedAt,
    DateTimeOffset? ActivatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? ClosedAt,
    string? BuyerName,
    string? BuyerEmail);

/// <summary>The newest active subscription of a cloud account, or null. Reads what is committed.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account ID there.</param>
public sealed record FindOpenCloudSubscription(CloudProvider Provider, string AccountId) : IQuery<CloudSubscriptionFacts?>;

/// <summary>The subscription with a product instance ID, or null. Reads what is committed.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID.</param>
public sealed record GetCloudSubscription(CloudProvider Provider, string InstanceId) : IQuery<CloudSubscriptionFacts?>;

/// <summary>Every subscription of a cloud account, newest first, at most 1,000.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="AccountId">The account ID there.</param>
public sealed record ListCloudSubscriptions(CloudProvider Provider, string AccountId) : IQuery<IReadOnlyList<CloudSubscriptionFacts>>;

/// <summary>A fact about one cloud subscription.</summary>
public interface ICloudSubscriptionFact : IIntegrationEvent
{
    /// <summary>Our id of it.</summary>
    CloudSubscriptionId SubscriptionId { get; }

    /// <summary>The cloud and the product instance ID.</summary>
    CloudInstanceKey Instance { get; }
}

/// <summary>The order is known and the subscription is open.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the subscription's stream.</param>
/// <param name="OccurredAt">When it became active.</param>
/// <param name="SubscriptionId">Our id of it.</param>
/// <param name="Instance">The cloud and the product instance ID.</param>
/// <param name="AccountId">The cloud account that bought it.</param>
public sealed record CloudSubscriptionActivatedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    CloudSubscriptionId SubscriptionId,
    CloudInstanceKey Instance,
    string AccountId) : ICloudSubscriptionFact;

/// <summary>The market suspended the subscription.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the subscription's stream.</param>
/// <param name="OccurredAt">When, as the market's signed call dates it.</param>
/// <param name="SubscriptionId">Our id of it.</param>
/// <param name="Instance">The cloud and the product instance ID.</param>
public sealed record CloudSubscriptionFrozenIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    CloudSubscriptionId SubscriptionId,
    CloudInstanceKey Instance) : ICloudSubscriptionFact;

/// <summary>The market lifted the suspension.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the subscription's stream.</param>
/// <param name="OccurredAt">When, as the market's signed call dates it.</param>
/// <param name="SubscriptionId">Our id of it.</param>
/// <param name="Instance">The cloud and the product instance ID.</param>
public sealed record CloudSubscriptionUnfrozenIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    CloudSubscriptionId SubscriptionId,
    CloudInstanceKey Instance) : ICloudSubscriptionFact;

/// <summary>The subscription was closed for ever (rules §5).</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the subscription's stream.</param>
/// <param name="OccurredAt">The closing instant: usage up to it is still the cloud account's.</param>
/// <param name="SubscriptionId">Our id of it.</param>
/// <param name="Instance">The cloud and the product instance ID.</param>
/// <param name="AccountId">The cloud account that bought it; null if it was closed before its order was known.</param>
public sealed record CloudSubscriptionClosedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    CloudSubscriptionId SubscriptionId,
    CloudInstanceKey Instance,
    string? AccountId) : ICloudSubscriptionFact;
