using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace.Simulator.Signing;

/// <summary>Checks the AK/SK signature SDK-HMAC-SHA256 of the requests that sellers make (protocol §7).</summary>
internal static class SdkHmac
{
    private const string Algorithm = "SDK-HMAC-SHA256";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>Why the request is refused; null when its signature holds.</summary>
    public static string? WhyRefused(HttpRequest request, byte[] body, string accessKeyId, string secretAccessKey, DateTimeOffset now)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
            return $"the Authorization header does not start with {Algorithm}";
        var parts = authorization[Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries)
            .Select(p => p.Split('=', 2)).Where(p => p.Length == 2).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.First()[1]);
        if (!parts.TryGetValue("Access", out var access) || !parts.TryGetValue("SignedHeaders", out var signedHeaders)
            || !parts.TryGetValue("Signature", out var signature))
            return "the Authorization header lacks Access, SignedHeaders or Signature";
        if (access != accessKeyId)
            return $"access key id '{access}' is unknown";

        var names = signedHeaders.ToLowerInvariant().Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (!names.Contains("x-sdk-date"))
            return "X-Sdk-Date is not among the signed headers";
        var date = request.Headers["X-Sdk-Date"].ToString();
        if (!DateTimeOffset.TryParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var signedAt))
            return $"X-Sdk-Date '{date}' is not of the form yyyyMMdd'T'HHmmss'Z'";
        if ((now - signedAt).Duration() > Window)
            return $"X-Sdk-Date {date} is more than 15 minutes from the market's {now:yyyyMMdd'T'HHmmss'Z'}";

        var bodyHash = string.Equals(request.Headers["X-Sdk-Content-Sha256"], "UNSIGNED-PAYLOAD", StringComparison.Ordinal)
            ? "UNSIGNED-PAYLOAD"
            : Convert.ToHexStringLower(SHA256.HashData(body));
        var query = request.Query.SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v ?? "")));
        var headers = names.Select(n => KeyValuePair.Create(n, request.Headers[n].ToString()));
        var canonical = CanonicalRequest(request.Method, request.Path.Value ?? "/", query, headers, bodyHash);
        return SellerKeySignatures.Same(Sign(secretAccessKey, date, canonical), signature.ToLowerInvariant())
            ? null
            : "the signature does not match the request; the market signed this canonical request: " + canonical.Replace("\n", "\\n", StringComparison.Ordinal);
    }

    /// <summary>The text whose hash is signed; <paramref name="path"/>, query and headers are given decoded.</summary>
    public static string CanonicalRequest(string method, string path, IEnumerable<KeyValuePair<string, string>> query,
        IEnumerable<KeyValuePair<string, string>> signedHeaders, string bodyHash)
    {
        var uri = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        if (!uri.EndsWith('/'))
            uri += "/";
        var encodedQuery = query.Select(q => (Key: Uri.EscapeDataString(q.Key), Value: Uri.EscapeDataString(q.Value)))
            .OrderBy(q => q.Key, StringComparer.Ordinal).ThenBy(q => q.Value, StringComparer.Ordinal)
            .Select(q => q.Key + "=" + q.Value);
        var headers = signedHeaders.Select(h => (Name: h.Key.ToLowerInvariant(), Value: h.Value.Trim()))
            .OrderBy(h => h.Name, StringComparer.Ordinal).ToList();
        return string.Join('\n', method.ToUpperInvariant(), uri, string.Join('&', encodedQuery),
            string.Concat(headers.Select(h => h.Name + ":" + h.Value + "\n")), string.Join(';', headers.Select(h => h.Name)), bodyHash);
    }

    /// <summary>The signature, lower-case hex.</summary>
    public static string Sign(string secretAccessKey, string sdkDate, string canonicalRequest)
    {
        var toSign = string.Join('\n', Algorithm, sdkDate, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest))));
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secretAccessKey), Encoding.UTF8.GetBytes(toSign)));
    }
}
