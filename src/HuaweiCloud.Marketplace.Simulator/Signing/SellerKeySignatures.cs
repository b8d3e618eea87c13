using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace.Simulator.Signing;

/// <summary>Signatures made with the seller's access key: calls (protocol §3, §8.2), answers (§8.2), usage pushes (§5.2).</summary>
internal static class SellerKeySignatures
{
    /// <summary>The <c>signature</c> of a V2.0 call over the exact body sent (protocol §3): two nested HMACs with one key, upper-case hex.</summary>
    public static string V2Call(string accessKey, long timestampMs, string nonce, byte[] body)
    {
        var inner = Convert.ToHexStringLower(Hmac(accessKey, body));
        var canonical = accessKey + nonce + timestampMs.ToString(CultureInfo.InvariantCulture) + inner;
        return Convert.ToHexString(Hmac(accessKey, Encoding.UTF8.GetBytes(canonical)));
    }

    /// <summary>The <c>authToken</c> of a V1.0 call over its parameters with their values decoded (protocol §8.2).</summary>
    public static string V1AuthToken(string accessKey, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var sorted = parameters.Where(p => p.Key != "authToken").OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
        var timeStamp = sorted.Single(p => p.Key == "timeStamp").Value;
        var text = string.Join('&', sorted.Select(p => p.Key + "=" + p.Value));
        return Convert.ToBase64String(Hmac(accessKey + timeStamp, Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The value of the <c>Body-Sign</c> header of an answer, over its exact bytes (protocol §8.2).</summary>
    public static string BodySign(string accessKey, byte[] body) =>
        $"sign_type=\"HMAC-SHA256\", signature=\"{Convert.ToBase64String(Hmac(accessKey, body))}\"";

    /// <summary>The <c>signature</c> header of a usage push over the exact body received (protocol §5.2).</summary>
    public static string UsagePush(string accessKey, string ts, string nonce, byte[] body)
    {
        byte[] message = [.. Encoding.UTF8.GetBytes($"ts={ts}&nonce={nonce}&body="), .. body];
        return Convert.ToBase64String(Hmac(accessKey, message));
    }

    /// <summary>Whether two signatures are the same, in time that does not depend on where they differ.</summary>
    public static bool Same(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));

    private static byte[] Hmac(string key, byte[] message) => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), message);
}
