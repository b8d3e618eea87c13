using System.Text.Json.Serialization;

namespace Violations.Changes.After;

public enum Kind
{
    [JsonStringEnumMemberName("tiny")]
    Small,
}

public sealed record Told(string Id, string? Note, IReadOnlyList<string?> Tags, DateTimeOffset? At)
{
    public static string AskName => "said";
}
