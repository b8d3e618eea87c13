using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>The signature of a usage push, sent in the headers <c>ts</c>, <c>nonce</c> and <c>signature</c> (protocol §5.2, S12).</summary>
public static class UsagePushSignature
{
    /// <summary>Signs a body.</summary>
    /// <param name="accessKey">The seller's key bound to the production interface.</param>
    /// <param name="ts">UNIX milliseconds.</param>
    /// <param name="nonce">At most 64 characters.</param>
    /// <param name="body">The exact bytes that are sent: compact JSON with names sorted at every level.</param>
    /// <returns>Base64.</returns>
    public static string Make(string accessKey, string ts, string nonce, ReadOnlySpan<byte> body) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(accessKey), (byte[])[.. Encoding.UTF8.GetBytes($"ts={ts}&nonce={nonce}&body="), .. body]));
}
