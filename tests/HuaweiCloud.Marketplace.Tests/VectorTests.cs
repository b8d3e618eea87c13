using static HuaweiCloud.Marketplace.Tests.Vectors;

namespace HuaweiCloud.Marketplace.Tests;

/// <summary>Every vector of the protocol page, published or computed.</summary>
public sealed class VectorTests
{
    [Fact]
    public void V2_inner_hash_is_that_of_the_page() =>
        MarketplaceSignature.Inner(Key, Utf8(Body)).ShouldBe("7c3423c08d12337dd359ce871f975ad942cfea7f9216e66e32389c76d6c0ebd3");

    [Fact]
    public void V2_signature_is_that_of_the_page()
    {
        MarketplaceSignature.Make(Key, Timestamp, Nonce, Utf8(Body)).ShouldBe(Signature);
        MarketplaceSignature.Verify([Key], Signature, Timestamp, Nonce, Utf8(Body)).ShouldBe(Key);
    }

    [Fact]
    public void Kit_signature_is_that_of_the_page() =>
        MarketplaceSignature.MakeKit(Key, Timestamp, Nonce, Utf8(
            """{"domainName":"https://example.tenantaccount.com","flag":1,"instanceId":"huaiweitest123456","name":"huaiweitest","orderId":"CS1906666666ABCDE","tenantCode":"huawei","tenantId":"68cbc86abc2018ab880d92f36422fa0e","testFlag":0,"timeStamp":"20220413093539534"}"""))
            .ShouldBe("60E5E9FC564B93105F92D99813CF10EF2AEDDA63299B9030226565FBAD15A8E9");

    [Fact]
    public void Usage_push_body_and_signature_are_those_of_the_page()
    {
        var body = HuaweiMarketplaceClient.UsageBody([new UsageRecord(
            "7f141bf1-aec8-4859-8323-fb3a8ad50721", "sn-0001", new(2022, 8, 9, 9, 10, 0, TimeSpan.Zero),
            new(2022, 8, 9, 8, 0, 0, TimeSpan.Zero), new(2022, 8, 9, 9, 0, 0, TimeSpan.Zero), 99m)]);

        System.Text.Encoding.UTF8.GetString(body).ShouldBe(
            """{"usage_records":[{"begin_time":"20220809T080000Z","end_time":"20220809T090000Z","instance_id":"7f141bf1-aec8-4859-8323-fb3a8ad50721","metering_sn":"sn-0001","record_time":"20220809T091000Z","usage_value":"99"}]}""");
        UsagePushSignature.Make(Key, "1709690865879", "6c63c221-1f6b-4141-8ff4-22f5dfe82b65", body).ShouldBe("fGAXw8HsUw4Q5rd+mx1zhQuHgKolgCzBqCKATyF0QFM=");
    }

    [Fact]
    public void IAM_signature_of_the_signing_guide_is_reproduced()
    {
        var uri = new Uri("https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0");
        var headers = Headers("service.region.example.com", "20191115T033655Z");

        SdkHmacSha256.HashOfCanonicalRequest("GET", uri, headers, []).ShouldBe("b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a");
        SdkHmacSha256.Authorization("GET", uri, headers, [], "QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc").ShouldBe(
            "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe");
    }

    [Fact]
    public void IAM_signature_of_the_marketplace_gem_is_reproduced()
    {
        var headers = Headers("mkt.myhuaweicloud.com", "20240317T144237Z");
        headers["x-stage"] = "RELEASE";

        SdkHmacSha256.Authorization("POST", new Uri("https://mkt.myhuaweicloud.com/api/mkp-openapi-public/global/v1/license/activate"), headers, [], "test", "123")
            .ShouldEndWith("Signature=77595ad624b6e4e49990b8c4e84bf1c287457fca61069c4e60b9b6765b52053d");
    }

    [Fact]
    public void IAM_signature_of_an_order_query_is_that_of_the_page()
    {
        var uri = new Uri("https://mkt.myhuaweicloud.com/api/mkp-openapi-public/global/v1/order/query?orderId=MOCKPERIODYEARNEW");
        var headers = Headers("mkt.myhuaweicloud.com", "20261123T120000Z");

        SdkHmacSha256.HashOfCanonicalRequest("GET", uri, headers, []).ShouldBe("adf63cc185a2f8c71c8732ffd2eda63c881d72152de3cf36e639159b5085b1ed");
        SdkHmacSha256.Authorization("GET", uri, headers, [], "AKEXAMPLE0000000001", "SKEXAMPLE00000000000000000000000000000001")
            .ShouldEndWith("Signature=7f43ff7c8cf055bd10961ea22132227b042f2af45e637730891de426dee7b934");
    }

    [Theory]
    [InlineData("xxxxxxx",
        "activity=newInstance&businessId=61e834ba-7b97-4418-b8f7-e5345137278c&customerId=68cbc86abc2018ab880d92f36422fa0e&expireTime=20200727153156&orderId=CS1906666666ABCDE&productId=00301-666666-0--0&testFlag=1&timeStamp=20200727073711903",
        "Gzbfjf9LHRBcI3bFVi++sLinCNOBF6qa7is1fvjEgYQ=")]
    [InlineData(Key,
        "activity=expireInstance&instanceId=03pf80c2bae96vc49b80b917bea776d7&orderId=CS1906666666ABCDE&testFlag=1&timeStamp=20170725025113409",
        "yiNBf/U2GK6eyeCE4VwGG6U6sqvpEsh7HTnJE4ZzLz0=")]
    public void V1_authToken_is_that_of_the_page(string key, string parameters, string token)
    {
        var given = Parameters(parameters);
        given["authToken"] = token;

        MarketplaceAuthToken.Make(key, given).ShouldBe(token);
        MarketplaceAuthToken.Verify([key], token, given).ShouldBe(key);
        MarketplaceAuthToken.Verify([key], token.Replace('+', ' '), given).ShouldBe(key, "a decoded + is a space");
    }

    [Fact]
    public void Body_Sign_is_that_of_the_page() =>
        MarketplaceBodySign.Make(Key, Utf8("""{"resultCode":"000000","resultMsg":"success","instanceId":"87b94795-0603-4e24-8ae5-69420d60e3c8"}"""))
            .ShouldBe("sign_type=\"HMAC-SHA256\", signature=\"CMkpSfQ9O1wc4AjiIC0SzPBkYcBbZeZTiIAdJ52u744=\"");

    [Theory]
    [InlineData("xxxxxxx", "c962ef8500ad13239b5ec0eb6a5c570b3cae0fd0e5c28e793eb6aaa22d251123")]
    [InlineData(Key, "fa32b243c1eeb23e93357bb8be8ec84903d6395e4f1ccb2379a1666d99a6ab9f")]
    public void SHA1PRNG_gives_Javas_bytes(string seed, string key)
    {
        Convert.ToHexStringLower(MarketplaceFieldCipher.DeriveKey(seed, MarketplaceEncryptType.Aes256)).ShouldBe(key);
        Convert.ToHexStringLower(MarketplaceFieldCipher.DeriveKey(seed, MarketplaceEncryptType.Aes128)).ShouldBe(key[..32]);
    }

    [Theory]
    [InlineData(MarketplaceEncryptType.Aes256, "0123456789abcdefa/lJx0ZN3PNDbI2/oxGYoImW8J7BVFwqGS0R37t49Hk=")]
    [InlineData(MarketplaceEncryptType.Aes128, "0123456789abcdefySOt5npWtUBZ7ZTC6nHCa1goLF1Z28eXgIYay0iASOo=")]
    public void A_field_is_encrypted_and_decrypted_as_on_the_page(MarketplaceEncryptType type, string cipher)
    {
        MarketplaceFieldCipher.Encrypt(Key, "admin@example.com", type, "0123456789abcdef").ShouldBe(cipher);
        MarketplaceFieldCipher.TryDecrypt(Key, cipher, type).ShouldBe("admin@example.com");
    }

    private static Dictionary<string, string> Headers(string host, string date) => new(StringComparer.Ordinal)
    {
        ["Host"] = host, ["X-Sdk-Date"] = date, ["Content-Type"] = "application/json",
    };
}
