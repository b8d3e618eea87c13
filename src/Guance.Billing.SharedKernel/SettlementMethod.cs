using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Guance.Billing.SharedKernel;

/// <summary>How a workspace is settled: <c>billing-center</c>, or a cloud account of the named provider (rules §1).</summary>
[JsonConverter(typeof(CodeJsonConverter<SettlementMethod>))]
public readonly partial record struct SettlementMethod : ICode<SettlementMethod>
{
    private SettlementMethod(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <summary>Settled from the billing account.</summary>
    public static SettlementMethod BillingCenter { get; } = new("billing-center");

    /// <summary>Whether a cloud account settles.</summary>
    public bool IsCloud => this != BillingCenter;

    /// <summary>The provider of the cloud account; only where <see cref="IsCloud"/>.</summary>
    [JsonIgnore]
    public CloudProvider Provider =>
        IsCloud ? CloudProvider.Of(Value) : throw new InvalidOperationException("The Billing Center is not a cloud provider.");

    /// <summary>Settled by a cloud account of the provider.</summary>
    public static SettlementMethod Cloud(CloudProvider provider) => new(provider.Value);

    /// <summary>Takes a code that is known to be well-formed.</summary>
    /// <exception cref="FormatException">The code is not well-formed.</exception>
    public static SettlementMethod Of(string value) => Parse(value, null);

    /// <inheritdoc/>
    public static SettlementMethod Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var code) ? code : throw new FormatException($"'{s}' is not a well-formed {nameof(SettlementMethod)}.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out SettlementMethod result)
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

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
