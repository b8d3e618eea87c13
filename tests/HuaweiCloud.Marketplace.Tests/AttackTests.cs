using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Codes = HuaweiCloud.Marketplace.MarketplaceResultCodes;

namespace HuaweiCloud.Marketplace.Tests;

/// <summary>
/// Generated calls at the endpoint itself, without sockets, so that there can be a million of them: <c>ATTACK_INPUTS</c> says how many. Whatever comes is answered in the protocol, and
/// nothing reaches the seller that the market did not sign just now and once.
/// </summary>
public sealed class AttackTests
{
    private static readonly string[] KnownCodes = [Codes.Success, Codes.AuthenticationFailed, Codes.InvalidParameter, Codes.InstanceNotFound, Codes.Processing];
    private static readonly string[] Templates =
    [
        """{"activity":"newInstance","businessId":"b","orderId":"CS1","orderLineId":"L"}""",
        """{"activity":"newInstance","buyerInfo":{"customerId":"c"},"orderInfo":[{"businessId":"b","orderId":"CS1","createTime":"20221124023618","productInfo":[{"productId":"p"}]}]}""",
        """{"activity":"queryInstance","instanceId":"i-1,i-2"}""",
        """{"activity":"refreshInstance","scene":"RENEWAL","orderId":"CS1","orderLineId":"L","instanceId":"i","expireTime":"20221124023618"}""",
        """{"activity":"updateInstanceStatus","instanceId":"i","status":"FREEZE"}""",
        """{"activity":"releaseInstance","instanceId":"i","orderId":"CS1","orderLineId":"L"}""",
        """{"activity":"upgradeInstance","instanceId":"i","orderId":"CS1","orderLineId":"L"}""",
        """{"activity":"changeInstanceCheck","instanceId":"i","productInfo":{"productId":"p"}}""",
        """{"activity":"orderNotify","orderId":"CS1","orderLineId":"L"}""",
        """{"activity":"dropDatabase","instanceId":"i"}""",
    ];

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) => Gen.Frequency(
        (6, Gen.OneOfConst(
            "null", "true", "0", "-1", "1e999", "99999999999999999999999999", "0.1", "\"\"", "\"x\"", "\"'; drop table x; --\"", "\"\\u0000\"", "\"\\ud800\"", "\"../../etc/passwd\"", "\"🦊中文\"", "NaN", "\"20229999999999\"")),
        (1, Gen.Int[1, 5000].Select(length => $"\"{new string('A', length)}\"")),
        (depth > 20 ? 0 : 2, inner.Select(value => $"[{value}]")),
        (depth > 20 ? 0 : 2, inner.Select(value => $"{{\"a\":{value},\"a\":{value}}}"))));

    private static readonly Gen<byte[]> Body = Gen.Frequency(
        (4, Gen.OneOfConst(Templates).Select(Encoding.UTF8.GetBytes)),
        // A field's value becomes anything.
        (6, Gen.Select(Gen.OneOfConst(Templates), Gen.Int[0, 8], Json, (template, field, value) =>
        {
            var parts = template.Split(':');
            var at = 1 + (field % (parts.Length - 1));
            var end = parts[at].IndexOfAny([',', '}']);
            parts[at] = end < 0 ? value : value + parts[at][end..];
            return Encoding.UTF8.GetBytes(string.Join(':', parts));
        })),
        // A byte becomes another one; or the end is missing.
        (4, Gen.Select(Gen.OneOfConst(Templates), Gen.Int[0, 200], Gen.Byte, (template, at, value) =>
        {
            var bytes = Encoding.UTF8.GetBytes(template);
            bytes[at % bytes.Length] = value;
            return bytes;
        })),
        (1, Gen.Select(Gen.OneOfConst(Templates), Gen.Int[0, 200], (template, length) => Encoding.UTF8.GetBytes(template)[..(length % template.Length)])),
        (1, Gen.Byte.Array[0, 400]),
        (1, Gen.Int[60_000, 70_000].Select(length => Encoding.UTF8.GetBytes($"{{\"activity\":\"{new string('x', length)}\"}}"))));

    private static readonly Gen<Attack> Attacks = Gen.Select(
        Body,
        Gen.Frequency((12, Gen.Const(Forgery.None)), (8, Gen.Enum<Forgery>())),
        Gen.OneOfConst("application/json", "application/json;charset=utf8", "application/json; charset=\"", "text/xml", "", "multipart/form-data; boundary=x"),
        Gen.Frequency((12, Gen.Const("POST")), (1, Gen.OneOfConst("GET", "PUT", "DELETE", "TRACE", ""))),
        Gen.String[Gen.Char["=&%+ azTS09;?/\\\"<>"], 0, 20],
        (body, forgery, contentType, method, tail) => new Attack(body, forgery, contentType, method, tail));

    /// <summary>What is wrong with how a call says that it is the market's.</summary>
    private enum Forgery
    {
        None,
        AnotherKey,
        AnotherBody,
        NoSignature,
        ShortSignature,
        OldTimestamp,
        EarlyTimestamp,
        AnotherTimestamp,
        NonsenseTimestamp,
        ReplayedNonce,
        AnotherNonce,
        NoNonce,
        LongNonce,
    }

    [Fact]
    public async Task Whatever_comes_is_answered_in_the_protocol_and_nothing_forged_reaches_the_seller()
    {
        var count = Environment.GetEnvironmentVariable("ATTACK_INPUTS") is { Length: > 0 } given ? long.Parse(given, CultureInfo.InvariantCulture) : 20_000;
        var target = new Target();
        await Attacks.SampleAsync(target.WithstandsAsync, iter: count, threads: Environment.ProcessorCount);

        // The generator reaches what it is for.
        target.Answered.Values.Sum(many => (long)many).ShouldBeGreaterThanOrEqualTo(count);
        foreach (var code in new[] { Codes.Success, Codes.AuthenticationFailed, Codes.InvalidParameter })
        {
            target.Answered[code].ShouldBeGreaterThan((int)(count / 100), code);
        }

        Console.WriteLine($"  {string.Join(", ", target.Answered.OrderBy(one => one.Key).Select(one => $"{one.Key}: {one.Value}"))}; {target.Reached} reached the seller");
    }

    private sealed record Attack(byte[] Body, Forgery Forgery, string ContentType, string Method, string Tail)
    {
        public override string ToString() => $"{Method} {Forgery} {ContentType} {Tail} {Convert.ToBase64String(Body.AsSpan(0, Math.Min(Body.Length, 300)))}";
    }

    private sealed class Target : IServiceProvider, INonceStore
    {
        private readonly ManualClock clock = new();
        private readonly MarketplaceEndpoint endpoint;
        private readonly ConcurrentDictionary<string, bool> nonces = new(StringComparer.Ordinal);
        private readonly AsyncLocal<RecordingSeller?> seller = new();
        private long calls;
        private long reached;

        public Target()
        {
            endpoint = new(new Fixed(new() { AccessKey = Vectors.Key, AccessKeyPrevious = "previous-key" }), clock, NullLogger<MarketplaceEndpoint>.Instance);
            nonces.TryAdd("used-nonce", true);
        }

        public ConcurrentDictionary<string, int> Answered { get; } = new(StringComparer.Ordinal);

        public long Reached => reached;

        public async Task WithstandsAsync(Attack attack)
        {
            var own = seller.Value = new RecordingSeller();
            var context = new DefaultHttpContext { RequestServices = this };
            context.Request.Method = attack.Method;
            context.Request.ContentType = attack.ContentType;
            context.Request.QueryString = new(Query(attack));
            context.Request.Body = new MemoryStream(attack.Body);
            using var body = new MemoryStream();
            context.Response.Body = body;

            await endpoint.HandleV2Async(context);

            var answer = new Answer((System.Net.HttpStatusCode)context.Response.StatusCode, context.Response.ContentType, context.Response.Headers["Body-Sign"].ToString(), body.ToArray());
            answer.ShouldBeOfTheProtocol(answer.Code!, answer.BodySign == MarketplaceBodySign.Make(Vectors.Key, answer.Bytes) ? Vectors.Key : "previous-key");
            KnownCodes.ShouldContain(answer.Code);
            Answered.AddOrUpdate(answer.Code!, 1, (_, known) => known + 1);
            Interlocked.Add(ref reached, own.Seen.Count);
            own.Seen.Count.ShouldBeLessThanOrEqualTo(attack.Forgery is Forgery.None && attack.Method == "POST" ? 1 : 0);
            if (attack.Forgery is not Forgery.None)
            {
                answer.Code.ShouldBeOneOf(Codes.AuthenticationFailed, Codes.InvalidParameter);
            }
        }

        public object? GetService(Type serviceType) => serviceType == typeof(IMarketplaceSeller) ? seller.Value : serviceType == typeof(INonceStore) ? this : null;

        public ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken) => new(nonces.TryAdd(nonce, true));

        private string Query(Attack attack)
        {
            var at = clock.GetUtcNow() + attack.Forgery switch { Forgery.OldTimestamp => TimeSpan.FromSeconds(-61), Forgery.EarlyTimestamp => TimeSpan.FromSeconds(61), _ => TimeSpan.Zero };
            var timestamp = at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            var nonce = attack.Forgery switch { Forgery.ReplayedNonce => "used-nonce", Forgery.LongNonce => new string('n', 129), _ => $"nonce-{Interlocked.Increment(ref calls)}" };
            var signature = MarketplaceSignature.Make(
                attack.Forgery is Forgery.AnotherKey ? "another-key" : Vectors.Key, timestamp, nonce, attack.Forgery is Forgery.AnotherBody ? [.. attack.Body, (byte)'!'] : attack.Body);
            return "?signature=" + (attack.Forgery switch { Forgery.NoSignature => "", Forgery.ShortSignature => signature[..63], _ => signature })
                + "&timestamp=" + (attack.Forgery switch { Forgery.AnotherTimestamp => (at.ToUnixTimeMilliseconds() + 1).ToString(CultureInfo.InvariantCulture), Forgery.NonsenseTimestamp => "yesterday", _ => timestamp })
                + "&nonce=" + (attack.Forgery switch { Forgery.NoNonce => "", Forgery.AnotherNonce => nonce + "x", _ => nonce })
                + (attack.Tail.Length > 0 ? $"&x={attack.Tail.Replace("&", "", StringComparison.Ordinal)}" : "");
        }
    }

    private sealed class Fixed(HuaweiMarketplaceOptions options) : IOptionsMonitor<HuaweiMarketplaceOptions>
    {
        public HuaweiMarketplaceOptions CurrentValue => options;

        public HuaweiMarketplaceOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<HuaweiMarketplaceOptions, string?> listener) => null;
    }
}
