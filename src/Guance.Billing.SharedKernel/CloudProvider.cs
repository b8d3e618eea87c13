using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Guance.Billing.SharedKernel;

/// <summary>A cloud whose marketplace can settle workspaces, such as <c>huawei-cloud</c>. Any code is allowed: a provider is added by its adapter and its policy, not here.</summary>
[JsonConverter(typeof(CodeJsonConverter<CloudProvider>))]
public readonly partial record struct CloudProvider : ICode<CloudProvider>
{
    private CloudProvider(string value) => Value = value;

    /// <inheritdoc/>
    public string Value { get; }

    /// <summary>Huawei Cloud.</summary>
    public static CloudProvider HuaweiCloud { get; } = new("huawei-cloud");

    /// <summary>Takes a code that is known to be well-formed.</summary>
    /// <exception cref="FormatException">The code is not well-formed.</exception>
    public static CloudProvider Of(string value) => Parse(value, null);

    /// <inheritdoc/>
    public static CloudProvider Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var code) ? code : throw new FormatException($"'{s}' is not a well-formed {nameof(CloudProvider)}.");

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out CloudProvider result)
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
