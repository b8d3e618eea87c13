using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>A Billing Center account (billing account): holds the money and spans sites.</summary>
/// <param name="Value">The id as text, starting with <c>acct_</c>.</param>
[JsonConverter(typeof(TypedIdJsonConverter<BillingAccountId>))]
public readonly record struct BillingAccountId(string Value) : ITypedId<BillingAccountId>
{
    /// <inheritdoc/>
    public static string Prefix => "acct_";

    /// <inheritdoc/>
    public static BillingAccountId Of(string value) => new(value);

    /// <inheritdoc/>
    public static BillingAccountId Parse(string s, IFormatProvider? provider) => Ids.Parse<BillingAccountId>(s);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out BillingAccountId result) => Ids.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
