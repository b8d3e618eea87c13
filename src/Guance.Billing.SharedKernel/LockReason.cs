using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>Why a workspace is locked (rules §6). Several can hold at once; it is unlocked when none holds.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockReason>))]
public enum LockReason
{
    /// <summary>The subscription that paid for it was closed at the cloud market.</summary>
    [JsonStringEnumMemberName("subscription-closed")]
    SubscriptionClosed,

    /// <summary>The subscription that pays for it is frozen at the cloud market.</summary>
    [JsonStringEnumMemberName("subscription-frozen")]
    SubscriptionFrozen,

    /// <summary>The billing account is in arrears.</summary>
    [JsonStringEnumMemberName("arrears")]
    Arrears,

    /// <summary>An operator locked it.</summary>
    [JsonStringEnumMemberName("operator")]
    Operator,
}

/// <summary>The lock's numbers (rules §6).</summary>
public static class LockBuffer
{
    /// <summary>How long a locked workspace stays viewable and keeps taking data: 14 days.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromDays(14);
}
