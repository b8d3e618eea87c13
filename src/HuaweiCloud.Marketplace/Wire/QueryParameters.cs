namespace HuaweiCloud.Marketplace;

/// <summary>A query string in both readings of <c>+</c>: a Java sender means a space, one that forgot to escape Base64 means a plus
/// (protocol §8.2). The one that the signature fits is what was meant.</summary>
internal static class QueryParameters
{
    private const int CountMax = 64;

    /// <summary>The likelier reading first; one only when there is no <c>+</c>.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Readings(string? query)
    {
        var pairs = (query ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries);
        if (pairs.Length > CountMax) throw new InvalidFieldException($"the query holds more than {CountMax} parameters");
        return query?.Contains('+') == true ? [Decode(pairs, plusIsSpace: true), Decode(pairs, plusIsSpace: false)] : [Decode(pairs, plusIsSpace: true)];
    }

    private static Dictionary<string, string> Decode(string[] pairs, bool plusIsSpace)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var parts = (plusIsSpace ? pair.Replace('+', ' ') : pair).Split('=', 2);
            if (!parameters.TryAdd(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : ""))
                throw new InvalidFieldException("the query names a parameter twice");
        }

        return parameters;
    }
}
