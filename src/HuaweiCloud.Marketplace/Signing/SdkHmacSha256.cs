using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HuaweiCloud.Marketplace;

/// <summary>Huawei Cloud's signature of API calls with an IAM key pair, "SDK-HMAC-SHA256" (protocol §7, S26).</summary>
public static class SdkHmacSha256
{
    /// <summary>The algorithm's name, first word of the <c>Authorization</c> header.</summary>
    public const string Algorithm = "SDK-HMAC-SHA256";

    /// <summary>The header with the time of signing.</summary>
    public const string DateHeader = "X-Sdk-Date";

    /// <summary>Adds <c>X-Sdk-Date</c> and <c>Authorization</c> to a request, over host, date and content type.</summary>
    /// <param name="request">With an absolute address; its content type, if any, is set.</param>
    /// <param name="body">The exact bytes that are sent.</param>
    /// <param name="accessKeyId">AK.</param>
    /// <param name="secretAccessKey">SK.</param>
    /// <param name="now">The time of signing.</param>
    public static void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, string accessKeyId, string secretAccessKey, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        var uri = request.RequestUri!;
        var date = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Host"] = uri.Authority, [DateHeader] = date };
        if (request.Content?.Headers.ContentType is { } type) headers["Content-Type"] = type.ToString();

        request.Headers.TryAddWithoutValidation(DateHeader, date);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization(request.Method.Method, uri, headers, body, accessKeyId, secretAccessKey));
    }

    /// <summary>The <c>Authorization</c> header's value.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="uri">The absolute address.</param>
    /// <param name="headers">Every header that is signed; <see cref="DateHeader"/> must be among them.</param>
    /// <param name="body">The exact bytes that are sent.</param>
    /// <param name="accessKeyId">AK.</param>
    /// <param name="secretAccessKey">SK.</param>
    public static string Authorization(
        string method, Uri uri, IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body, string accessKeyId, string secretAccessKey)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var date = headers.First(header => header.Key.Equals(DateHeader, StringComparison.OrdinalIgnoreCase)).Value;
        var toSign = $"{Algorithm}\n{date}\n{HashOfCanonicalRequest(method, uri, headers, body)}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secretAccessKey), Encoding.UTF8.GetBytes(toSign)));
        return $"{Algorithm} Access={accessKeyId}, SignedHeaders={string.Join(';', Sorted(headers).Select(header => header.Name))}, Signature={signature}";
    }

    /// <summary>The hash of the canonical request, lower-case hex (protocol §7).</summary>
    internal static string HashOfCanonicalRequest(string method, Uri uri, IReadOnlyDictionary<string, string> headers, ReadOnlySpan<byte> body)
    {
        var path = string.Join('/', uri.AbsolutePath.Split('/').Select(segment => Uri.EscapeDataString(Uri.UnescapeDataString(segment))));
        var query = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2).Select(part => Uri.EscapeDataString(Uri.UnescapeDataString(part))).ToArray())
            .Select(pair => (Name: pair[0], Value: pair.Length > 1 ? pair[1] : ""))
            .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
            .Select(pair => $"{pair.Name}={pair.Value}");
        var sorted = Sorted(headers);
        var canonical = string.Join('\n',
            method,
            path.EndsWith('/') ? path : path + "/", // only what is signed ends in a slash, not the address
            string.Join('&', query),
            string.Concat(sorted.Select(header => $"{header.Name}:{header.Value}\n")),
            string.Join(';', sorted.Select(header => header.Name)),
            Convert.ToHexStringLower(SHA256.HashData(body)));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
    }

#pragma warning disable CA1308 // header names are lower case in what is signed
    private static (string Name, string Value)[] Sorted(IReadOnlyDictionary<string, string> headers) =>
        [.. headers.Select(header => (Name: header.Key.ToLowerInvariant(), Value: header.Value.Trim())).OrderBy(header => header.Name, StringComparer.Ordinal)];
#pragma warning restore CA1308
}
