using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HuaweiCloud.Marketplace.Tests;

/// <summary>The client against a real HTTP server that notes what arrives and answers what the test says.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private const string Order = """
        {"resultCode":"MKT.0000","resultMsg":"Success","orderInfo":{"orderId":"MOCKPERIODYEARNEW","orderType":"NEW","createTime":"20221124023618",
        "orderLine":[{"orderLineId":"MOCKPERIODYEARNEW-000001","chargingMode":"PERIOD","periodType":"year","periodNumber":1,"expireTime":"20251121235959",
        "productInfo":[{"productId":"p","skuCode":"s","linearValue":3,"productName":"n"}],"extendParams":[{"name":"ip","value":"10.0.0.1"}],"currency":"100.00","currencyAfterDiscount":"90.5","novel":{}}],
        "buyerInfo":{"customerId":"c","customerName":"cn","customerRealName":"rn","customerType":0,"mobilePhone":"13800000000","email":"a@b.c","userId":null,"userName":null},"extendParams":[]}}
        """;

    private readonly ManualClock _clock = new();
    private readonly Dictionary<string, string?> _settings = new(StringComparer.Ordinal)
    {
        ["HuaweiMarketplace:AccessKey"] = Vectors.Key, ["HuaweiMarketplace:Iam:AccessKeyId"] = "ak", ["HuaweiMarketplace:Iam:SecretAccessKey"] = "sk",
    };

    private readonly List<(string Method, Uri Uri, Dictionary<string, string> Headers, byte[] Body)> _seen = [];
    private WebApplication _marketplace = null!;
    private (int Status, string Body, string? RetryAfter) _answer = (200, """{"error_code":"MKT.0000","error_msg":"ok"}""", null);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _marketplace = builder.Build();
        _marketplace.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _seen.Add((context.Request.Method, new Uri(context.Request.GetEncodedUrl()),
                context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            context.Response.StatusCode = _answer.Status;
            if (_answer.RetryAfter is not null) context.Response.Headers.RetryAfter = _answer.RetryAfter;
            context.Response.Headers.Location = "/elsewhere";
            await context.Response.WriteAsync(_answer.Body);
        });
        await _marketplace.StartAsync(TestContext.Current.CancellationToken);
        _settings["HuaweiMarketplace:ApiBaseUrl"] = _marketplace.Urls.Single();
    }

    public ValueTask DisposeAsync() => _marketplace.DisposeAsync();

    [Fact]
    public async Task An_order_is_asked_for_with_the_IAM_keys_and_read_in_full()
    {
        _answer = (200, Order, null);

        var order = await Client().GetOrderAsync("MOCK PERIOD/YEAR+NEW", "MOCKPERIODYEARNEW-000001", TestContext.Current.CancellationToken);

        var seen = _seen.ShouldHaveSingleItem();
        seen.Method.ShouldBe("GET");
        seen.Uri.PathAndQuery.ShouldBe("/api/mkp-openapi-public/global/v1/order/query?orderId=MOCK%20PERIOD%2FYEAR%2BNEW&orderLineId=MOCKPERIODYEARNEW-000001");
        seen.Headers["Content-Type"].ShouldBe("application/json");
        ShouldBeSigned(seen);
        (order.OrderId, order.OrderType, order.CreatedAt).ShouldBe(("MOCKPERIODYEARNEW", MarketplaceOrderTypes.New, new DateTimeOffset(2022, 11, 24, 2, 36, 18, TimeSpan.Zero)));
        var line = order.Lines.ShouldHaveSingleItem();
        (line.OrderLineId, line.ChargingMode, line.PeriodType, line.PeriodNumber, line.ListPrice, line.PriceAfterDiscount).ShouldBe(
            ("MOCKPERIODYEARNEW-000001", ChargingModes.Period, "year", 1, 100m, 90.5m));
        line.ExpiresAt.ShouldBe(new DateTimeOffset(2025, 11, 21, 23, 59, 59, TimeSpan.Zero));
        line.Products.ShouldBe([new OrderProduct("p", "s", 3m, "n")]);
        line.ExtendParams.ShouldBe([new OrderExtendParam("ip", "10.0.0.1")]);
        order.Buyer.ShouldBe(new OrderBuyer { CustomerId = "c", CustomerName = "cn", CustomerRealName = "rn", CustomerType = "0", MobilePhone = "13800000000", Email = "a@b.c" });
        order.ToString().ShouldNotContain("13800000000");
    }

    [Theory]
    [InlineData("""{"resultCode":"MKT.0000","orderInfo":{"orderId":"O","orderType":"NEW","createTime":"20221124023618","orderLine":{"orderLineId":"L","chargingMode":"ON_DEMAND","currency":"CNY"}}}""", true)]
    [InlineData("""{"resultCode":"MKT.0000","resultMsg":"Success"}""", false)]
    [InlineData("""{"resultCode":"MKT.0000","orderInfo":{"orderId":"O"}}""", false)]
    [InlineData("""{"resultCode":"MKT.0000","orderInfo":"none"}""", false)]
    [InlineData("""[]""", false)]
    [InlineData("<html>", false)]
    [InlineData("", false)]
    public async Task An_order_that_is_sparse_is_read_and_one_that_is_not_there_is_an_error(string body, bool readable)
    {
        _answer = (200, body, null);

        if (readable) (await Client().GetOrderAsync("O", cancellationToken: TestContext.Current.CancellationToken)).Lines.Single().ListPrice.ShouldBeNull();
        else (await Failure()).MayRetry.ShouldBeFalse();
    }

    [Theory]
    [InlineData(500, "MKT.0999", true)]
    [InlineData(406, "MKT.0250", true)]
    [InlineData(500, "MKT.0100", false)]
    [InlineData(400, "MKT.0101", false)]
    [InlineData(400, "MKT.0199", false)]
    [InlineData(401, "MKT.0150", false)]
    [InlineData(401, "MKT.0151", false)]
    [InlineData(401, "MKT.0154", false)]
    [InlineData(500, "MKT.9001", false)]
    [InlineData(500, "MKT.9004", false)]
    [InlineData(500, "94060001", true)]
    [InlineData(401, "94060002", false)]
    [InlineData(401, "APIGW.0301", false)]
    [InlineData(429, "APIGW.0308", true)]
    [InlineData(503, "APIGW.0201", true)]
    [InlineData(200, "MKT.0101", false)]
    public async Task A_refusal_says_its_code_and_whether_a_retry_may_help(int status, string code, bool mayRetry)
    {
        foreach (var wrapper in new[] { ("resultCode", "resultMsg"), ("error_code", "error_msg") })
        {
            _answer = (status, $$"""{"{{wrapper.Item1}}":"{{code}}","{{wrapper.Item2}}":"why"}""", "7");
            var failure = await Failure();
            ((int)failure.Status, failure.Code, failure.MayRetry, failure.RetryAfter).ShouldBe((status, code, mayRetry, TimeSpan.FromSeconds(7)));
            failure.Message.ShouldContain("why");
        }
    }

    [Fact]
    public async Task An_answer_that_is_not_JSON_speaks_by_its_status()
    {
        _answer = (502, "<html>bad gateway</html>", null);
        (await Failure()).MayRetry.ShouldBeTrue();
        _answer = (403, "", null);
        (await Failure()).MayRetry.ShouldBeFalse();
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        _answer = (302, "", null);

        (await Failure()).Status.ShouldBe(HttpStatusCode.Found);
        _seen.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_marketplace_that_is_not_reached_is_an_HTTP_error()
    {
        await _marketplace.StopAsync(TestContext.Current.CancellationToken);

        await Should.ThrowAsync<HttpRequestException>(() => Client().GetOrderAsync("O"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_is_pushed_with_its_own_signature_and_the_IAM_one_where_the_setting_says_so(bool withIam)
    {
        _settings["HuaweiMarketplace:Usage:SignWithIam"] = withIam.ToString();

        var receipt = await Client().PushUsageAsync([Record(1) with { RelatedPackageInstance = "pkg", UsageValue = 0.1230m }], TestContext.Current.CancellationToken);

        (receipt.Code, receipt.Message).ShouldBe(("MKT.0000", "ok"));
        receipt.Abnormal.ShouldBeEmpty();
        var seen = _seen.ShouldHaveSingleItem();
        (seen.Method, seen.Uri.PathAndQuery, seen.Headers["Content-Type"]).ShouldBe(("POST", "/api/mkp-openapi-public/global/v1/isv/usage-data", "application/json"));
        Encoding.UTF8.GetString(seen.Body).ShouldBe(
            """{"usage_records":[{"begin_time":"20230403T000000Z","end_time":"20230403T010000Z","instance_id":"i","metering_sn":"sn-1","record_time":"20230403T010500Z","relate_pkg_instance":"pkg","usage_value":"0.123"}]}""");
        seen.Headers["ts"].ShouldBe("1680508066618");
        seen.Headers["nonce"].Length.ShouldBe(64);
        seen.Headers["signature"].ShouldBe(UsagePushSignature.Make(Vectors.Key, seen.Headers["ts"], seen.Headers["nonce"], seen.Body));
        if (withIam) ShouldBeSigned(seen);
        else seen.Headers.ShouldNotContainKey("Authorization");
    }

    [Fact]
    public async Task Usage_may_have_a_key_of_its_own()
    {
        _settings["HuaweiMarketplace:Usage:AccessKey"] = "usage-key";

        await Client().PushUsageAsync([Record(1)], TestContext.Current.CancellationToken);

        var seen = _seen.ShouldHaveSingleItem();
        seen.Headers["signature"].ShouldBe(UsagePushSignature.Make("usage-key", seen.Headers["ts"], seen.Headers["nonce"], seen.Body));
    }

    [Theory]
    [InlineData("""{"error_code":"MKT.0000","abnormal_usage_data":[{"metering_sn":"sn-1","instance_id":"i","code":"005","description":"duplicate"}]}""")]
    [InlineData("""{"error_code":"MKT.0000","abnormal_usage_data_info":{"abnormal_usage_data":[{"meteringSn":"sn-1","instanceId":"i","error_code":"005","error_msg":"duplicate"}]}}""")]
    public async Task Records_refused_at_once_are_told_whatever_they_are_wrapped_in(string body)
    {
        _answer = (200, body, null);

        (await Client().PushUsageAsync([Record(1)], TestContext.Current.CancellationToken)).Abnormal
            .ShouldBe([new AbnormalUsageRecord("sn-1", "i", UsageRecordCodes.MeteringSnDuplicate, "duplicate")]);
        _answer.Status = 500;
        (await Should.ThrowAsync<MarketplaceApiException>(() => Client().PushUsageAsync([Record(1)]))).AbnormalRecords.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Many_records_go_in_batches_of_100_and_every_one_arrives_once()
    {
        var receipts = new List<UsagePushReceipt>();
        await foreach (var receipt in Client().PushUsageInBatchesAsync(Enumerable.Range(0, 250).Select(Record), TestContext.Current.CancellationToken)) receipts.Add(receipt);

        receipts.Count.ShouldBe(3);
        var batches = _seen.Select(seen => JsonElement.Parse(seen.Body).GetProperty("usage_records").EnumerateArray().Select(r => r.GetProperty("metering_sn").GetString()).ToArray()).ToArray();
        batches.Select(batch => batch.Length).ShouldBe([100, 100, 50]);
        batches.SelectMany(batch => batch).ShouldBe(Enumerable.Range(0, 250).Select(i => $"sn-{i}"));
        _seen.Select(seen => seen.Headers["nonce"]).Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
    }

    [Fact]
    public async Task What_the_protocol_does_not_allow_is_refused_before_anything_is_sent()
    {
        var record = Record(1);
        UsageRecord[][] refused =
        [
            [], [.. Enumerable.Range(0, 1001).Select(Record)],
            [record with { UsageValue = 0 }], [record with { UsageValue = -1 }], [record with { UsageValue = 0.00001m }], [record with { UsageValue = 123456789012345678901m }],
            [record with { InstanceId = "" }], [record with { MeteringSn = new string('x', 65) }], [record with { RelatedPackageInstance = "" }],
            [record with { BeginTime = record.EndTime.AddSeconds(1) }],
        ];
        foreach (var records in refused) await Should.ThrowAsync<ArgumentException>(() => Client().PushUsageAsync(records));
        await Should.ThrowAsync<ArgumentException>(() => Client().GetOrderAsync(new string('x', 65)));
        _seen.ShouldBeEmpty();

        await Client().PushUsageAsync([.. Enumerable.Range(0, 1000).Select(Record)], TestContext.Current.CancellationToken);
        await Client().PushUsageAsync([record with { UsageValue = 12345678901234567890m }], TestContext.Current.CancellationToken);
        await Client().PushUsageAsync([record with { UsageValue = 0.0001m, EndTime = record.BeginTime }], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_setting_that_is_missing_is_named()
    {
        _settings.Remove("HuaweiMarketplace:Iam:AccessKeyId");
        _settings.Remove("HuaweiMarketplace:Iam:SecretAccessKey");
        (await Should.ThrowAsync<InvalidOperationException>(() => Client().GetOrderAsync("O"))).Message.ShouldContain("HuaweiMarketplace:Iam");
        _settings.Remove("HuaweiMarketplace:ApiBaseUrl");
        (await Should.ThrowAsync<InvalidOperationException>(() => Client().GetOrderAsync("O"))).Message.ShouldContain("HuaweiMarketplace:ApiBaseUrl");
    }

    private static UsageRecord Record(int number)
    {
        var begin = new DateTimeOffset(2023, 4, 3, 8, 0, 0, TimeSpan.FromHours(8));
        return new UsageRecord("i", $"sn-{number}", begin.AddMinutes(65), begin, begin.AddHours(1), 1.5m);
    }

    private static void ShouldBeSigned((string Method, Uri Uri, Dictionary<string, string> Headers, byte[] Body) seen)
    {
        seen.Headers["X-Sdk-Date"].ShouldBe("20230403T074746Z");
        var signed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in new[] { "Host", "X-Sdk-Date", "Content-Type" }) signed[name] = seen.Headers[name];
        seen.Headers["Authorization"].ShouldBe(SdkHmacSha256.Authorization(seen.Method, seen.Uri, signed, seen.Body, "ak", "sk"));
    }

    private Task<MarketplaceApiException> Failure() => Should.ThrowAsync<MarketplaceApiException>(() => Client().GetOrderAsync("O"));

    private HuaweiMarketplaceClient Client()
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddHuaweiMarketplace(new ConfigurationBuilder().AddInMemoryCollection(_settings).Build());
        return services.BuildServiceProvider().GetRequiredService<HuaweiMarketplaceClient>();
    }
}
