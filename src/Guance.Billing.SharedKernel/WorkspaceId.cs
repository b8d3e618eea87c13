using System.Text.Json.Serialization;

namespace Guance.Billing.SharedKernel;

/// <summary>A workspace: of one site, of one billing account.</summary>
/// <param name="Value">The id as text, starting with <c>wksp_</c>.</param>
[JsonConverter(typeof(TypedIdJsonConverter<WorkspaceId>))]
public readonly record struct WorkspaceId(string Value) : ITypedId<WorkspaceId>
{
    /// <inheritdoc/>
    public static string Prefix => "wksp_";

    /// <inheritdoc/>
    public static WorkspaceId Of(string value) => new(value);

    /// <inheritdoc/>
    public static WorkspaceId Parse(string s, IFormatProvider? provider) => Ids.Parse<WorkspaceId>(s);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out WorkspaceId result) => Ids.TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
