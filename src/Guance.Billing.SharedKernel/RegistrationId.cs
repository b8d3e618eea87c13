using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>A registration of the Commercial plan at a site.</summary>
/// <param name="Value">The id as text, starting with <c>reg_</c>.</param>
[JsonConverter(typeof(TypedIdJsonConverter<RegistrationId>))]
public readonly record struct RegistrationId(string Value) : ITypedId<RegistrationId>
{
    /// <inheritdoc/>
    public static string Prefix => "reg_";

    /// <inheritdoc/>
    public static RegistrationId Of(string value) => new(value);

    /// <inheritdoc/>
    public static RegistrationId Parse(string s, IFormatProvider? provider) => Ids.Parse<RegistrationId>(s);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out RegistrationId result) => Ids.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
