using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>The V2.0 request signature: two nested HMAC-SHA256 with the seller's one key (protocol §3, sources S10, S11).</summary>
public static class MarketplaceSignature
{
    /// <summary>Signs a body as the marketplace does.</summary>
    /// <param name="accessKey">The seller's key.</param>
    /// <param name="timestamp">UNIX milliseconds, as they stand in the query.</param>
    /// <param name="nonce">As it stands in the query, decoded.</param>
    /// <param name="payload">The body in its canonical form (<see cref="MarketplaceCanonicalJson"/>).</param>
    /// <returns>Upper-case hex, as in the published samples.</returns>
    public static string Make(string accessKey, string timestamp, string nonce, ReadOnlySpan<byte> payload) =>
        Convert.ToHexString(Compute(accessKey, timestamp, nonce, payload));

    /// <summary>The signature of the joint-operation ("Kit") calls, whose inner HMAC is the payload itself (protocol §6, S10k).</summary>
    /// <returns>Upper-case hex, for <c>x-sign</c>.</returns>
    public static string MakeKit(string accessKey, string timestamp, string nonce, ReadOnlySpan<byte> payload) =>
        Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), (byte[])[.. Encoding.UTF8.GetBytes(accessKey + nonce + timestamp), .. payload]));

    /// <summary>Finds the key that signed a body: over its raw bytes, or else over its canonical form. Both need the secret, so accepting
    /// either weakens nothing (protocol §3). Compares in constant time, whatever the case of the hex digits.</summary>
    /// <param name="accessKeys">Keys that may have signed: the current one, and the one before while keys are changed. Empty ones are skipped.</param>
    /// <param name="signature">Hex, from the query.</param>
    /// <param name="timestamp">As it stands in the query.</param>
    /// <param name="nonce">As it stands in the query, decoded.</param>
    /// <param name="body">The bytes as received.</param>
    /// <returns>The key, or null if none signed this.</returns>
    public static string? Verify(IEnumerable<string> accessKeys, string? signature, string timestamp, string nonce, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(accessKeys);
        if (!TryDecodeHex(signature, out var given)) return null;
        var keys = accessKeys.Where(key => !string.IsNullOrEmpty(key)).ToArray();

        foreach (var key in keys)
            if (CryptographicOperations.FixedTimeEquals(Compute(key, timestamp, nonce, body), given)) return key;

        if (MarketplaceCanonicalJson.Canonicalize(body) is not { } canonical || body.SequenceEqual(canonical)) return null;
        foreach (var key in keys)
            if (CryptographicOperations.FixedTimeEquals(Compute(key, timestamp, nonce, canonical), given)) return key;
        return null;
    }

    /// <summary>The inner hash, lower-case hex (protocol §3).</summary>
    internal static string Inner(string accessKey, ReadOnlySpan<byte> payload) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), payload));

    private static byte[] Compute(string accessKey, string timestamp, string nonce, ReadOnlySpan<byte> payload) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), Encoding.UTF8.GetBytes(accessKey + nonce + timestamp + Inner(accessKey, payload)));

    private static bool TryDecodeHex(string? hex, out byte[] bytes)
    {
        bytes = [];
        if (hex is not { Length: 2 * HMACSHA256.HashSizeInBytes } || !hex.All(char.IsAsciiHexDigit)) return false;
        bytes = Convert.FromHexString(hex);
        return true;
    }
}
