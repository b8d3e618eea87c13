using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace HuaweiCloud.Marketplace;

/// <summary>The form of a body that the V2.0 signature is made over (protocol §3): members of the outer object sorted by name (ordinal),
/// those that are null left out, no white space. Values keep their own text: numbers and escapes are copied, not rewritten.</summary>
public static class MarketplaceCanonicalJson
{
    /// <summary>Deepest nesting that is read.</summary>
    internal const int MaxDepth = 16;

    /// <summary>The canonical form. Applied to its own result it changes nothing.</summary>
    /// <returns>The bytes, or null when the input is not one JSON object in UTF-8, names a member twice, or is nested over 16 deep.</returns>
    public static byte[]? Canonicalize(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) return null;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;

            var members = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var member = new ArrayBufferWriter<byte>();
                var name = reader.GetString()!;
                if (!names.Add(name)) return null;
                CopyToken(ref reader, member);
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null) members.Add(name, CopyValue(ref reader, member));
            }

            // The reader refuses anything but white space behind the object.
            return reader.Read() ? null : Join(members.Values);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name with half a surrogate pair.
            return null;
        }
    }

    private static byte[] Join(IEnumerable<byte[]> members)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write("{"u8);
        foreach (var member in members)
        {
            if (output.WrittenCount > 1) output.Write(","u8);
            output.Write(member);
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] CopyValue(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        var depth = reader.CurrentDepth;
        while (true)
        {
            var closes = reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray;
            if (!closes && output.WrittenSpan[^1] is not ((byte)'{' or (byte)'[' or (byte)':')) output.Write(","u8);
            CopyToken(ref reader, output);
            var opens = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (!opens && reader.CurrentDepth == depth && reader.TokenType != JsonTokenType.PropertyName) return output.WrittenSpan.ToArray();
            reader.Read();
        }
    }

    private static void CopyToken(ref Utf8JsonReader reader, ArrayBufferWriter<byte> output)
    {
        var quoted = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
        if (quoted) output.Write("\""u8);
        output.Write(reader.ValueSpan);
        if (quoted) output.Write("\""u8);
        if (reader.TokenType == JsonTokenType.PropertyName) output.Write(":"u8);
    }
}
