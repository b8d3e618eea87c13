using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Guance.Billing.SharedKernel;

/// <summary>An ISO 4217 currency code; a deployment of the Billing Center has one (rules §1).</summary>
[JsonConverter(typeof(CodeJsonConverter<Currency>))]
public readonly partial record struct Currency : ICode<Currency>
{
    private Currency(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <summary>Renminbi.</summary>
    public static Currency Cny { get; } = new("CNY");

    /// <summary>United States dollar.</summary>
    public static Currency Usd { get; } = new("USD");

    /// <summary>Takes a code that is known to be well-formed.</summary>
    /// <exception cref="FormatException">The code is not well-formed.</exception>
    public static Currency Of(string value) => Parse(value, null);

    /// <inheritdoc/>
    public static Currency Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var code) ? code : throw new FormatException($"'{s}' is not a well-formed {nameof(Currency)}.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out Currency result)
    {
        result = default;
        if (s is null || !Form().IsMatch(s))
        {
            return false;
        }

        result = new(s);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    [GeneratedRegex("^[A-Z]{3}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
