using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Guance.Billing.SharedKernel;

/// <summary>A typed id: a prefix that names its kind, then 32 lowercase hexadecimal digits (surface: <c>wksp_…</c>, <c>acct_…</c>).</summary>
/// <typeparam name="TSelf">The id's own type.</typeparam>
public interface ITypedId<TSelf> : IParsable<TSelf>
    where TSelf : struct, ITypedId<TSelf>
{
    /// <summary>The prefix with its underscore, such as <c>wksp_</c>.</summary>
    static abstract string Prefix { get; }

    /// <summary>The whole id as it stands in JSON, in paths and as the stream's key.</summary>
    string Value { get; }

    /// <summary>Takes a value that is known to be well-formed (stored, or made by <see cref="Ids"/>).</summary>
    static abstract TSelf Of(string value);
}

/// <summary>Makes and reads ids. New ids are made at the edge only; wherever something may be retried they are deterministic.</summary>
public static class Ids
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>A new time-ordered id (UUIDv7), for use at the edge: endpoints and tests, never in a handler.</summary>
    public static TId New<TId>(TimeProvider clock)
        where TId : struct, ITypedId<TId> => Of<TId>(Guid.CreateVersion7(clock.GetUtcNow()));

    /// <summary>An id that is the same whenever it is made from the same parts (UUIDv5): a retry meets what the first try made.</summary>
    public static TId Deterministic<TId>(params ReadOnlySpan<string> parts)
        where TId : struct, ITypedId<TId> => Of<TId>(DeterministicGuid(parts));

    /// <summary>RFC 9562 version 5 (SHA-1, name-based) over the parts, each preceded by its length so that no two lists of parts collide.</summary>
    public static Guid DeterministicGuid(params ReadOnlySpan<string> parts)
    {
        var name = new StringBuilder("guance-billing");
        foreach (var part in parts)
        {
            name.Append(':').Append(part.Length).Append(':').Append(part);
        }

#pragma warning disable CA5350 // SHA-1 is what version 5 of a UUID is made with; nothing is secured by it.
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(Encoding.UTF8.GetBytes(name.ToString()), hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>A 64-bit key for an advisory lock, made from the parts.</summary>
    public static long LockKey(params ReadOnlySpan<string> parts) =>
        BinaryPrimitives.ReadInt64BigEndian(DeterministicGuid(parts).ToByteArray(bigEndian: true));

    /// <summary>Whether the text is a well-formed id of the kind.</summary>
    public static bool TryParse<TId>(string? text, out TId id)
        where TId : struct, ITypedId<TId>
    {
        id = default;
        if (text is null || text.Length != TId.Prefix.Length + 32 || !text.StartsWith(TId.Prefix, StringComparison.Ordinal)
            || text.AsSpan(TId.Prefix.Length).ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        id = TId.Of(text);
        return true;
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is not an id of the kind.</exception>
    public static TId Parse<TId>(string text)
        where TId : struct, ITypedId<TId> =>
        TryParse<TId>(text, out var id) ? id : throw new FormatException($"'{text}' is not an id that starts with '{TId.Prefix}'.");

    private static TId Of<TId>(Guid guid)
        where TId : struct, ITypedId<TId> => TId.Of(TId.Prefix + guid.ToString("N"));
}
