using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>The V1.0 request signature (protocol §8.2, S29, S30): HMAC-SHA256 over the sorted parameters, keyed with access key and time.</summary>
public static class MarketplaceAuthToken
{
    /// <summary>The parameter that carries it, left out of what is signed.</summary>
    public const string ParameterName = "authToken";

    /// <summary>Signs parameters.</summary>
    /// <param name="accessKey">The seller's key.</param>
    /// <param name="parameters">All of them with URL-decoded values, <c>timeStamp</c> among them; encrypted values stay encrypted.</param>
    /// <returns>Base64; in a URL its <c>+</c> must be escaped.</returns>
    public static string Make(string accessKey, IReadOnlyDictionary<string, string> parameters) =>
        Convert.ToBase64String(Compute(accessKey, parameters));

    /// <summary>Finds the key that signed parameters. Constant time; a <c>+</c> of the token that decoding turned into a space is taken as
    /// the <c>+</c> it was.</summary>
    /// <returns>The key, or null if none signed this.</returns>
    public static string? Verify(IEnumerable<string> accessKeys, string? authToken, IReadOnlyDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(accessKeys);
        var given = new byte[HMACSHA256.HashSizeInBytes];
        if (authToken is not { Length: <= 64 } || !Convert.TryFromBase64String(authToken.Replace(' ', '+'), given, out var length) || length != given.Length)
            return null;
        return accessKeys.FirstOrDefault(key => !string.IsNullOrEmpty(key) && CryptographicOperations.FixedTimeEquals(Compute(key, parameters), given));
    }

    private static byte[] Compute(string accessKey, IReadOnlyDictionary<string, string> parameters)
    {
        var signed = parameters.Where(p => p.Key != ParameterName).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}");
        return HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(accessKey + parameters.GetValueOrDefault("timeStamp")), Encoding.UTF8.GetBytes(string.Join('&', signed)));
    }
}
