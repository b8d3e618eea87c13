using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Guance.Billing.SharedKernel;

/// <summary>An isolated site, such as <c>cn4</c> or <c>za1</c> (rules §1).</summary>
[JsonConverter(typeof(CodeJsonConverter<SiteCode>))]
public readonly partial record struct SiteCode : ICode<SiteCode>
{
    private SiteCode(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <summary>Takes a code that is known to be well-formed.</summary>
    /// <exception cref="FormatException">The code is not well-formed.</exception>
    public static SiteCode Of(string value) => Parse(value, null);

    /// <inheritdoc/>
    public static SiteCode Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var code) ? code : throw new FormatException($"'{s}' is not a well-formed {nameof(SiteCode)}.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out SiteCode result)
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

    [GeneratedRegex("^[a-z]{2}[0-9]{1,3}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
