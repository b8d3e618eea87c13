using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>The response header by which the marketplace knows an answer is the seller's (protocol §8.2, S17). Required on V1.0, always
/// sent on V2.0 (protocol §10.4).</summary>
public static class MarketplaceBodySign
{
    /// <summary>The header's name; its case matters to the marketplace.</summary>
    public const string HeaderName = "Body-Sign";

    /// <summary>The header's value, double quotes included.</summary>
    /// <param name="accessKey">The key that verified the request.</param>
    /// <param name="body">The exact bytes that are sent.</param>
    public static string Make(string accessKey, ReadOnlySpan<byte> body) =>
        $"sign_type=\"HMAC-SHA256\", signature=\"{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), body))}\"";
}
