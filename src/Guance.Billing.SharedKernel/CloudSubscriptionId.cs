using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>A cloud subscription: one purchase of the product on a cloud's marketplace.</summary>
/// <param name="Value">The id as text, starting with <c>sub_</c>.</param>
[JsonConverter(typeof(TypedIdJsonConverter<CloudSubscriptionId>))]
public readonly record struct CloudSubscriptionId(string Value) : ITypedId<CloudSubscriptionId>
{
    /// <inheritdoc/>
    public static string Prefix => "sub_";

    /// <inheritdoc/>
    public static CloudSubscriptionId Of(string value) => new(value);

    /// <inheritdoc/>
    public static CloudSubscriptionId Parse(string s, IFormatProvider? provider) => Ids.Parse<CloudSubscriptionId>(s);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out CloudSubscriptionId result) => Ids.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
