using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

/// <summary>What a seller asks of the market, signed by code of the tests.</summary>
internal static class SellerRequests
{
    public const string OrderPath = "/api/mkp-openapi-public/global/v1/order/query";
    public const string UsagePath = "/api/mkp-openapi-public/global/v1/isv/usage-data";

    public static async Task<(HttpStatusCode Status, JsonElement Json)> QueryOrderAsync(this MarketFixture market, string query, string secret = "dev-sk",
        string accessKeyId = "dev-ak", TimeSpan off = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, OrderPath + "?" + query);
        SignSdk(market, request, query, "", secret, accessKeyId, off);
        return await SendAsync(market, request);
    }

    public static async Task<(HttpStatusCode Status, JsonElement Json)> PushAsync(this MarketFixture market, string body, string key = MarketFixture.Key,
        string? signedBody = null, string? iamSecret = "dev-sk", TimeSpan off = default)
    {
        using var request = PushRequest(market, body, key, signedBody, iamSecret, off);
        return await SendAsync(market, request);
    }

    public static HttpRequestMessage PushRequest(MarketFixture market, string body, string key = MarketFixture.Key, string? signedBody = null,
        string? iamSecret = "dev-sk", TimeSpan off = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, UsagePath) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var ts = (market.Clock.GetUtcNow() + off).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var nonce = RandomNumberGenerator.GetHexString(32);
        var message = Encoding.UTF8.GetBytes($"ts={ts}&nonce={nonce}&body={signedBody ?? body}");
        request.Headers.Add("ts", ts);
        request.Headers.Add("nonce", nonce);
        request.Headers.Add("signature", Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), message)));
        if (iamSecret is not null)
            SignSdk(market, request, "", body, iamSecret, "dev-ak", default);
        return request;
    }

    private static void SignSdk(MarketFixture market, HttpRequestMessage request, string query, string body, string secret, string accessKeyId, TimeSpan off)
    {
        var date = (market.Clock.GetUtcNow() + off).ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = request.Method == HttpMethod.Get ? OrderPath : UsagePath;
        var canonical = $"{request.Method}\n{path}/\n{query}\nhost:{market.Http.BaseAddress!.Authority}\nx-sdk-date:{date}\n\nhost;x-sdk-date\n{Sha(body)}";
        var toSign = $"SDK-HMAC-SHA256\n{date}\n{Sha(canonical)}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(toSign)));
        request.Headers.Add("X-Sdk-Date", date);
        request.Headers.TryAddWithoutValidation("Authorization", $"SDK-HMAC-SHA256 Access={accessKeyId}, SignedHeaders=host;x-sdk-date, Signature={signature}");
    }

    private static async Task<(HttpStatusCode Status, JsonElement Json)> SendAsync(MarketFixture market, HttpRequestMessage request)
    {
        using var response = await market.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
