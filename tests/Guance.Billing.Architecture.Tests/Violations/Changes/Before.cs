using System.Text.Json.Serialization;

namespace Violations.Changes.Before;

public enum Kind
{
    [JsonStringEnumMemberName("small")]
    Small,
}

public sealed record Told(string Id, string Note, IReadOnlyList<string> Tags, DateTimeOffset? At)
{
    public static string AskName => "told";
}
