using System.Security.Cryptography;
using System.Text;
using HuaweiCloud.Marketplace.Simulator.Signing;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

/// <summary>The vectors of the protocol page against the simulator's own signing code.</summary>
public sealed class SigningVectorsTests
{
    private const string Key = "test-access-key-0001";
    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    [Fact]
    public void A_V2_call_is_signed_as_in_section_3() => SellerKeySignatures.V2Call(Key, 1680508066618,
            "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17DA",
            """{"activity":"newInstance","businessId":"87b94795-0603-4e24-8ae5-69420d60e3c8","orderId":"CS2211181819B4LVS","orderLineId":"CS2211181819B4LVS-000001","testFlag":"1"}"""u8.ToArray())
        .ShouldBe("C506F4221EC15F98C40B8A5D5065D8B815A2C5596CF4421382088B5652565458");

    [Fact]
    public void A_usage_push_is_signed_as_in_section_5() => SellerKeySignatures.UsagePush(Key, "1709690865879", "6c63c221-1f6b-4141-8ff4-22f5dfe82b65",
            """{"usage_records":[{"begin_time":"20220809T080000Z","end_time":"20220809T090000Z","instance_id":"7f141bf1-aec8-4859-8323-fb3a8ad50721","metering_sn":"sn-0001","record_time":"20220809T091000Z","usage_value":"99"}]}"""u8.ToArray())
        .ShouldBe("fGAXw8HsUw4Q5rd+mx1zhQuHgKolgCzBqCKATyF0QFM=");

    [Fact]
    public void The_published_GET_is_signed_as_in_section_7()
    {
        var canonical = SdkHmac.CanonicalRequest("GET", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
            [new("limit", "2"), new("marker", "13551d6b-755d-4757-b956-536f674975c0")],
            [new("content-type", "application/json"), new("host", "service.region.example.com"), new("x-sdk-date", "20191115T033655Z")], EmptyHash);

        Hash(canonical).ShouldBe("b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a");
        SdkHmac.Sign("MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc", "20191115T033655Z", canonical)
            .ShouldBe("7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe");
    }

    [Fact]
    public void The_marketplace_POST_is_signed_as_in_section_7()
    {
        var canonical = SdkHmac.CanonicalRequest("POST", "/api/mkp-openapi-public/global/v1/license/activate", [],
            [new("X-Stage", "RELEASE"), new("X-Sdk-Date", "20240317T144237Z"), new("Content-Type", "application/json"), new("Host", "mkt.myhuaweicloud.com")], EmptyHash);

        SdkHmac.Sign("123", "20240317T144237Z", canonical).ShouldBe("77595ad624b6e4e49990b8c4e84bf1c287457fca61069c4e60b9b6765b52053d");
    }

    [Fact]
    public void An_order_query_is_signed_as_in_section_7()
    {
        var canonical = SdkHmac.CanonicalRequest("GET", "/api/mkp-openapi-public/global/v1/order/query", [new("orderId", "MOCKPERIODYEARNEW")],
            [new("content-type", "application/json"), new("host", "mkt.myhuaweicloud.com"), new("x-sdk-date", "20261123T120000Z")], EmptyHash);

        Hash(canonical).ShouldBe("adf63cc185a2f8c71c8732ffd2eda63c881d72152de3cf36e639159b5085b1ed");
        SdkHmac.Sign("SKEXAMPLE00000000000000000000000000000001", "20261123T120000Z", canonical)
            .ShouldBe("7f43ff7c8cf055bd10961ea22132227b042f2af45e637730891de426dee7b934");
    }

    [Theory]
    [InlineData("xxxxxxx",
        "activity=newInstance&businessId=61e834ba-7b97-4418-b8f7-e5345137278c&customerId=68cbc86abc2018ab880d92f36422fa0e&expireTime=20200727153156&orderId=CS1906666666ABCDE&productId=00301-666666-0--0&testFlag=1&timeStamp=20200727073711903",
        "Gzbfjf9LHRBcI3bFVi++sLinCNOBF6qa7is1fvjEgYQ=")]
    [InlineData(Key, "activity=expireInstance&instanceId=03pf80c2bae96vc49b80b917bea776d7&orderId=CS1906666666ABCDE&testFlag=1&timeStamp=20170725025113409",
        "yiNBf/U2GK6eyeCE4VwGG6U6sqvpEsh7HTnJE4ZzLz0=")]
    public void A_V1_call_carries_the_token_of_section_8_2(string key, string parameters, string token) =>
        SellerKeySignatures.V1AuthToken(key, parameters.Split('&').Reverse().Select(p => KeyValuePair.Create(p.Split('=')[0], p.Split('=')[1]))).ShouldBe(token);

    [Fact]
    public void An_answer_is_signed_as_in_section_8_2() => SellerKeySignatures.BodySign(Key,
            """{"resultCode":"000000","resultMsg":"success","instanceId":"87b94795-0603-4e24-8ae5-69420d60e3c8"}"""u8.ToArray())
        .ShouldBe("""sign_type="HMAC-SHA256", signature="CMkpSfQ9O1wc4AjiIC0SzPBkYcBbZeZTiIAdJ52u744=" """.TrimEnd());

    [Theory]
    [InlineData("xxxxxxx", "c962ef8500ad13239b5ec0eb6a5c570b3cae0fd0e5c28e793eb6aaa22d251123")]
    [InlineData(Key, "fa32b243c1eeb23e93357bb8be8ec84903d6395e4f1ccb2379a1666d99a6ab9f")]
    public void The_V1_field_key_is_that_of_section_8_3(string accessKey, string hex) =>
        Convert.ToHexStringLower(V1FieldCipher.DeriveKey(accessKey, 32)).ShouldBe(hex);

    [Theory]
    [InlineData(32, "0123456789abcdefa/lJx0ZN3PNDbI2/oxGYoImW8J7BVFwqGS0R37t49Hk=")]
    [InlineData(16, "0123456789abcdefySOt5npWtUBZ7ZTC6nHCa1goLF1Z28eXgIYay0iASOo=")]
    public void V1_fields_are_encrypted_as_in_section_8_3(int keyBytes, string cipher)
    {
        V1FieldCipher.Encrypt(Key, "admin@example.com", keyBytes, "0123456789abcdef").ShouldBe(cipher);
        V1FieldCipher.Decrypt(Key, cipher, keyBytes).ShouldBe("admin@example.com");
        V1FieldCipher.Decrypt("another-key", cipher, keyBytes).ShouldNotBe("admin@example.com");
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
