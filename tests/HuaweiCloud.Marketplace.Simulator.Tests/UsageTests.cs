using System.Net;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class UsageTests
{
    private const string Begin = "20260305T090000Z";
    private const string End = "20260305T100000Z";

    /// <summary>An instance bought at 08:20:30, at 10:05 of the same day.</summary>
    private static async Task<(MarketFixture Market, string Id)> StartAsync(string product = "pay-per-use", Action<SimulatorOptions>? configure = null)
    {
        var market = await MarketFixture.StartAsync(configure);
        var id = await market.RunningAsync(product);
        market.Clock.Advance(new TimeSpan(1, 44, 30));
        return (market, id);
    }

    private static string Record(string id, string sn = "sn-1", string value = "\"1.5\"", string begin = Begin, string end = End, string record = End) =>
        $$"""{"begin_time":"{{begin}}","end_time":"{{end}}","instance_id":"{{id}}","metering_sn":"{{sn}}","record_time":"{{record}}","usage_value":{{value}}}""";

    private static string Body(params IEnumerable<string> records) => $$"""{"usage_records":[{{string.Join(',', records)}}]}""";

    private static async Task<JsonElement> LastAsync(MarketFixture market) => (await market.ItemsAsync("/sim/usage"))[^1];

    private static async Task VerdictAsync(MarketFixture market, string record, string? code)
    {
        var (status, json) = await market.PushAsync(Body(record));
        status.ShouldBe(HttpStatusCode.OK);
        json.GetProperty("error_code").GetString().ShouldBe("MKT.0000");
        var last = await LastAsync(market);
        last.GetProperty("code").GetString().ShouldBe(code);
        last.GetProperty("verdict").GetString().ShouldBe(code is null ? "pending" : "rejected");
        json.GetProperty("abnormal_usage_data").EnumerateArray().Select(a => a.GetProperty("code").GetString()).ShouldBe(code is null ? [] : [code]);
    }

    [Fact]
    public async Task A_record_in_order_is_pending_and_collected_at_one_in_the_morning_of_the_market()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;

        await VerdictAsync(market, Record(id), null);
        var pending = await LastAsync(market);
        pending.GetProperty("usageValue").GetString().ShouldBe("1.5");
        pending.GetProperty("beginTime").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 5, 9, 0, 0, TimeSpan.Zero));
        pending.GetProperty("receivedAt").GetDateTimeOffset().ShouldBe(market.Clock.GetUtcNow());
        market.Clock.Advance(new TimeSpan(6, 54, 59));
        (await LastAsync(market)).GetProperty("verdict").GetString().ShouldBe("pending");
        market.Clock.Advance(TimeSpan.FromSeconds(1));

        var collected = await LastAsync(market);
        collected.GetProperty("verdict").GetString().ShouldBe("collected");
        collected.GetProperty("collectedAt").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 5, 17, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task An_hourly_product_is_collected_at_minute_fifteen_even_when_the_clock_jumps_over_it()
    {
        var (market, id) = await StartAsync(configure: o => o.Collection = CollectionCycle.Hourly);
        await using var _ = market;
        await VerdictAsync(market, Record(id), null);

        await market.AdvanceAsync(TimeSpan.FromDays(14));

        (await LastAsync(market)).GetProperty("collectedAt").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 5, 10, 15, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("\"0.0001\"", null)]
    [InlineData("12.34", null)]
    [InlineData("\"1.5000\"", null)]
    [InlineData("\"1.50000\"", "003")]
    [InlineData("\"0\"", "003")]
    [InlineData("\"-1\"", "003")]
    [InlineData("\"0.00001\"", "003")]
    [InlineData("\"1e3\"", "003")]
    [InlineData("\"1,5\"", "003")]
    [InlineData("\"123456789012345678901\"", "003")]
    [InlineData("null", "003")]
    public async Task A_quantity_is_above_zero_with_at_most_four_decimals(string value, string? code)
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await VerdictAsync(market, Record(id, value: value), code);
    }

    [Theory]
    [InlineData(Begin, Begin, null)]
    [InlineData("20260305T082030Z", End, null)]
    [InlineData("20260305T082029Z", End, "011")]
    [InlineData(End, Begin, "011")]
    [InlineData(Begin, "20260305T100500Z", null)]
    [InlineData(Begin, "20260305T100501Z", "011")]
    [InlineData("2026-03-05T09:00:00Z", End, "002")]
    [InlineData("20260305090000", End, "002")]
    [InlineData("20260212T100459Z", End, "007")]
    public async Task A_window_lies_between_the_start_and_now(string begin, string end, string? code)
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await VerdictAsync(market, Record(id, begin: begin, end: end), code);
    }

    [Fact]
    public async Task A_record_older_than_21_days_is_expired_and_a_younger_one_is_not()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        market.Clock.Advance(TimeSpan.FromDays(21) - TimeSpan.FromMinutes(65));
        await VerdictAsync(market, Record(id), null);
        market.Clock.Advance(TimeSpan.FromSeconds(1));
        await VerdictAsync(market, Record(id, "sn-2"), "007");
    }

    [Fact]
    public async Task An_unknown_instance_a_missing_serial_number_and_a_bad_record_time_are_rejected()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await VerdictAsync(market, Record("nobody"), "001");
        await VerdictAsync(market, Record(id, sn: ""), "004");
        await VerdictAsync(market, Record(id, sn: new string('s', 65)), "004");
        await VerdictAsync(market, Record(id, record: "yesterday"), "002");
    }

    [Fact]
    public async Task A_serial_number_is_taken_once_even_when_its_record_was_rejected()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await VerdictAsync(market, Record(id, value: "\"0\""), "003");
        await VerdictAsync(market, Record(id), "005");
    }

    [Fact]
    public async Task A_window_is_taken_once_but_again_after_a_rejection()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await VerdictAsync(market, Record(id, "sn-0", value: "\"0\""), "003");

        var (_, json) = await market.PushAsync(Body(Record(id, "sn-1"), Record(id, "sn-2", value: "\"7\""), Record(id, "sn-3", end: "20260305T093000Z")));

        var abnormal = json.GetProperty("abnormal_usage_data").EnumerateArray().ShouldHaveSingleItem();
        abnormal.GetProperty("metering_sn").GetString().ShouldBe("sn-2");
        abnormal.GetProperty("code").GetString().ShouldBe("010");
        abnormal.GetProperty("description").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_period_product_takes_no_usage()
    {
        var (market, id) = await StartAsync("period");
        await using var _ = market;
        await VerdictAsync(market, Record(id), "012");
    }

    [Fact]
    public async Task An_instance_that_is_still_being_created_takes_no_usage()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = r => r.Activity == "queryInstance" ? Reply.Code("000004") : null;
        var line = await market.OrderAsync();
        await market.CallsAsync("queryInstance", 1);
        var id = (await market.InstanceAsync(line)).GetProperty("instanceId").GetString()!;
        await VerdictAsync(market, Record(id, begin: "20260305T082030Z", end: "20260305T082030Z"), "013");
    }

    [Fact]
    public async Task After_closing_usage_up_to_the_closing_is_taken_and_later_usage_is_not()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await market.PostAsync($"/sim/instances/{id}/close");
        market.Clock.Advance(TimeSpan.FromHours(2));

        await VerdictAsync(market, Record(id, "sn-1", begin: End, end: "20260305T100500Z"), null);
        await VerdictAsync(market, Record(id, "sn-2", begin: End, end: "20260305T100501Z"), "011");
    }

    [Fact]
    public async Task A_push_with_a_wrong_signature_is_refused_whole()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        var body = Body(Record(id));

        foreach (var (status, json) in new[]
        {
            await market.PushAsync(body, key: "another-key"),
            await market.PushAsync(body, signedBody: body + " "),
            await market.PushAsync(body, off: TimeSpan.FromMinutes(16)),
            await market.PushAsync(body, iamSecret: "another-secret"),
        })
        {
            status.ShouldBe(HttpStatusCode.Unauthorized);
            json.GetProperty("error_code").GetString().ShouldBeOneOf("94060002", "APIGW.0301");
        }
        (await market.ItemsAsync("/sim/usage")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_header_trio_alone_suffices()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        (await market.PushAsync(Body(Record(id)), iamSecret: null)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"usage_records":[]}""", 400, "MKT.0101")]
    [InlineData("""{"records":[]}""", 400, "MKT.0101")]
    [InlineData("""[]""", 400, "MKT.0101")]
    [InlineData("""{"usage_""", 400, "MKT.0101")]
    [InlineData("""{"usage_records":["x"]}""", 500, "MKT.9002")]
    public async Task A_push_without_records_is_a_documented_error(string body, int status, string code)
    {
        await using var market = await MarketFixture.StartAsync();
        var (answered, json) = await market.PushAsync(body);
        ((int)answered).ShouldBe(status);
        json.GetProperty("error_code").GetString().ShouldBe(code);
    }

    [Fact]
    public async Task A_push_has_at_most_a_thousand_records()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        var records = Enumerable.Range(0, 1001).Select(i => Record(id, $"sn-{i}")).ToList();

        (await market.PushAsync(Body(records))).Json.GetProperty("error_code").GetString().ShouldBe("MKT.9003");
        (await market.ItemsAsync("/sim/usage")).ShouldBeEmpty();
        (await market.PushAsync(Body(records.Take(1000)))).Status.ShouldBe(HttpStatusCode.OK);
        (await market.ItemsAsync("/sim/usage?instanceId=" + id)).Count.ShouldBe(1000);
        (await market.ItemsAsync("/sim/usage?instanceId=nobody")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_share_of_records_is_rejected_on_demand_and_hidden_on_demand()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await market.FaultsAsync("""{"rejectRecords":1,"rejectCode":"006"}""");
        await VerdictAsync(market, Record(id), "006");

        await market.FaultsAsync("""{"hideAbnormal":true}""");
        var (_, json) = await market.PushAsync(Body(Record(id, "sn-2")));
        json.GetProperty("abnormal_usage_data").GetArrayLength().ShouldBe(0);
        (await LastAsync(market)).GetProperty("verdict").GetString().ShouldBe("rejected");

        await market.FaultsAsync("""{"reset":true}""");
        await VerdictAsync(market, Record(id, "sn-3"), null);
    }

    [Fact]
    public async Task An_answer_to_a_push_is_lost_on_demand_though_its_records_were_taken()
    {
        var (market, id) = await StartAsync();
        await using var _ = market;
        await market.FaultsAsync("""{"losePushAnswer":1}""");

        await Should.ThrowAsync<HttpRequestException>(() => market.PushAsync(Body(Record(id))));

        (await LastAsync(market)).GetProperty("verdict").GetString().ShouldBe("pending");
        await market.FaultsAsync("""{"reset":true}""");
        await VerdictAsync(market, Record(id), "005");
    }
}
