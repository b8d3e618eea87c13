using System.Text;
using CsCheck;
using static HuaweiCloud.Marketplace.Tests.Vectors;

namespace HuaweiCloud.Marketplace.Tests;

public sealed class SignatureTests
{
    private static readonly Gen<string> Value = Gen.Recursive<string>((depth, inner) => depth > 3
        ? Scalar
        : Gen.Frequency(
            (5, Scalar),
            (1, inner.Array[0, 3].Select(items => $"[ {string.Join(" ,\n", items)} ]")),
            (1, Gen.Select(Name, inner).Array[0, 3].Select(Object))));

    private static Gen<string> Scalar => Gen.OneOf(
        Gen.OneOfConst("null", "true", "false", "0", "-1.50", "1e3", "\"\"", "\"a + < ' b\"", "\"中文\"", "\"\\u4e2d\"", "\"\\\" , { \\\\\""),
        Gen.Int.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static Gen<string> Name => Gen.OneOfConst("activity", "orderId", "Order", "zeta", "_", "a", "\\u0061b", "键");

    private static readonly Gen<string> Document = Gen.Select(Name, Value).Array[0, 6].Select(Object);

    [Fact]
    public void Any_changed_byte_of_body_nonce_timestamp_or_key_breaks_the_signature() =>
        Gen.Select(Gen.Byte.Array[1, 200], Gen.String[Gen.Char.AlphaNumeric, 1, 40], Gen.String[Gen.Char["0123456789"], 13, 13], Gen.String[Gen.Char.AlphaNumeric, 8, 30], Gen.Int[0, 3], Gen.Int[0, 10_000], Gen.Byte[1, 127])
            .Sample((body, nonce, timestamp, key, part, at, change) =>
            {
                var signature = MarketplaceSignature.Make(key, timestamp, nonce, body);
                MarketplaceSignature.Verify([key], signature, timestamp, nonce, body).ShouldBe(key);
                switch (part)
                {
                    case 0: body = [.. body]; body[at % body.Length] ^= change; break;
                    case 1: nonce = Changed(nonce); break;
                    case 2: timestamp = Changed(timestamp); break;
                    default: key = Changed(key); break;
                }

                MarketplaceSignature.Verify([key], signature, timestamp, nonce, body).ShouldBeNull();

                string Changed(string text)
                {
                    var bytes = Encoding.ASCII.GetBytes(text);
                    bytes[at % bytes.Length] ^= change;
                    return Encoding.ASCII.GetString(bytes);
                }
            }, iter: 2000);

    [Fact]
    public void Any_changed_character_of_the_signature_breaks_it() =>
        Gen.Select(Gen.Int[0, 63], Gen.Char["0123456789ABCDEFxyz -"]).Where((at, other) => Signature[at] != other).Sample((at, other) =>
            MarketplaceSignature.Verify([Key], Signature.Remove(at, 1).Insert(at, other.ToString()), Timestamp, Nonce, Utf8(Body)).ShouldBeNull());

    [Fact]
    public void Canonical_form_of_a_canonical_form_is_itself_and_means_the_same() => Document.Sample(json =>
    {
        var canonical = MarketplaceCanonicalJson.Canonicalize(Utf8(json));
        if (canonical is null) return; // a name twice
        MarketplaceCanonicalJson.Canonicalize(canonical).ShouldBe(canonical);
        using var before = System.Text.Json.JsonDocument.Parse(json);
        using var after = System.Text.Json.JsonDocument.Parse(canonical);
        var kept = before.RootElement.EnumerateObject().Where(p => p.Value.ValueKind != System.Text.Json.JsonValueKind.Null).ToList();
        after.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(kept.Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (var member in kept)
            System.Text.Json.JsonElement.DeepEquals(member.Value, after.RootElement.GetProperty(member.Name)).ShouldBeTrue(json);
    }, iter: 2000);

    [Fact]
    public void Arbitrary_bytes_have_a_canonical_form_or_none_but_never_throw() =>
        Gen.Byte.Array[0, 100].Sample(bytes => { _ = MarketplaceCanonicalJson.Canonicalize(bytes); });

    [Theory]
    [InlineData("""{ "b" : "x y" , "a" : [ 1 , { "d" : null , "c" : 2.50 } ] , "n" : null }""", """{"a":[1,{"d":null,"c":2.50}],"b":"x y"}""")]
    [InlineData("""{"b":"é+<'\/\u00e9","B":true}""", """{"B":true,"b":"é+<'\/\u00e9"}""")]
    [InlineData("{}", "{}")]
    [InlineData("""{"n":null}""", "{}")]
    [InlineData("""{"a":{},"b":[],"c":[[],{}]}""", """{"a":{},"b":[],"c":[[],{}]}""")]
    public void Canonical_form_sorts_the_outer_names_drops_nulls_and_keeps_each_values_text(string json, string canonical) =>
        Encoding.UTF8.GetString(MarketplaceCanonicalJson.Canonicalize(Utf8(json))!).ShouldBe(canonical);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    [InlineData("""{"a":null,"a":2}""")]
    [InlineData("""{"\ud800":1}""")]
    public void What_is_not_one_object_with_distinct_names_has_no_canonical_form(string json) =>
        MarketplaceCanonicalJson.Canonicalize(Utf8(json)).ShouldBeNull();

    [Fact]
    public void Either_form_of_the_body_may_be_what_was_signed()
    {
        var pretty = Utf8("""{ "testFlag": "1", "activity": "newInstance", "x": null }""");
        var canonical = Utf8("""{"activity":"newInstance","testFlag":"1"}""");

        MarketplaceSignature.Verify([Key], MarketplaceSignature.Make(Key, Timestamp, Nonce, pretty), Timestamp, Nonce, pretty).ShouldBe(Key);
        MarketplaceSignature.Verify([Key], MarketplaceSignature.Make(Key, Timestamp, Nonce, canonical), Timestamp, Nonce, pretty).ShouldBe(Key);
        MarketplaceSignature.Verify([Key], MarketplaceSignature.Make(Key, Timestamp, Nonce, pretty), Timestamp, Nonce, canonical).ShouldBeNull();
    }

    [Fact]
    public void Hex_digits_may_be_of_either_case() =>
        MarketplaceSignature.Verify([Key], Convert.ToHexStringLower(Convert.FromHexString(Signature)), Timestamp, Nonce, Utf8(Body)).ShouldBe(Key);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("zz")]
    [InlineData("C506F4221EC15F98C40B8A5D5065D8B815A2C5596CF4421382088B565256545")]
    [InlineData("C506F4221EC15F98C40B8A5D5065D8B815A2C5596CF4421382088B56525654580")]
    public void What_is_not_64_hex_digits_is_no_signature(string? signature) =>
        MarketplaceSignature.Verify([Key], signature, Timestamp, Nonce, Utf8(Body)).ShouldBeNull();

    [Fact]
    public void The_key_that_signed_is_told_among_several_and_an_empty_key_signs_nothing()
    {
        MarketplaceSignature.Verify(["new-key", Key], Signature, Timestamp, Nonce, Utf8(Body)).ShouldBe(Key);
        MarketplaceSignature.Verify(["new-key"], Signature, Timestamp, Nonce, Utf8(Body)).ShouldBeNull();
        MarketplaceAuthToken.Verify([""], Convert.ToBase64String(new byte[32]), Parameters("a=1")).ShouldBeNull();
    }

    [Fact]
    public void A_field_survives_encryption_and_nothing_else_decrypts()
    {
        foreach (var type in Enum.GetValues<MarketplaceEncryptType>())
            Gen.String[0, 60].Sample(text =>
            {
                text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)); // without half surrogate pairs
                var cipher = MarketplaceFieldCipher.Encrypt(Key, text, type);
                cipher[..16].ShouldAllBe(c => char.IsAsciiLetterOrDigit(c));
                MarketplaceFieldCipher.TryDecrypt(Key, cipher, type).ShouldBe(text);
            }, iter: 50);

        MarketplaceFieldCipher.TryDecrypt(Key, "", MarketplaceEncryptType.Aes256).ShouldBeNull();
        MarketplaceFieldCipher.TryDecrypt(Key, "0123456789abcdefnot base64!", MarketplaceEncryptType.Aes256).ShouldBeNull();
        MarketplaceFieldCipher.TryDecrypt(Key, "0123456789abcdefYWJj", MarketplaceEncryptType.Aes256).ShouldBeNull();
    }

    [Fact]
    public async Task A_nonce_is_remembered_until_its_time_and_by_one_caller_only()
    {
        var clock = new ManualClock();
        var store = new InMemoryNonceStore(clock);
        var until = clock.GetUtcNow().AddSeconds(120);

        var won = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await Remember(store, "n", until))));
        won.Count(first => first).ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(120));
        (await Remember(store, "n", until)).ShouldBeFalse("its time has come but is not over");
        clock.Advance(TimeSpan.FromSeconds(1));
        (await Remember(store, "n", until.AddSeconds(300))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_full_nonce_store_fails_rather_than_lets_a_call_pass_unchecked()
    {
        var clock = new ManualClock();
        var store = new InMemoryNonceStore(clock, capacity: 1);
        var until = clock.GetUtcNow().AddSeconds(120);
        (await Remember(store, "a", until)).ShouldBeTrue();

        await Should.ThrowAsync<InvalidOperationException>(() => Remember(store, "b", until));
        clock.Advance(TimeSpan.FromSeconds(121));
        (await Remember(store, "b", until.AddSeconds(120))).ShouldBeTrue();
    }

    private static async Task<bool> Remember(InMemoryNonceStore store, string nonce, DateTimeOffset until) =>
        await store.TryRememberAsync(nonce, until, TestContext.Current.CancellationToken);

    private static string Object((string Name, string Value)[] members) =>
        "{ " + string.Join(" , ", members.Select(member => $"\"{member.Name}\" : {member.Value}")) + "\n}";
}
