using System.Net;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class MarketTests
{
    [Fact]
    public async Task It_tells_that_it_is_healthy_and_what_time_it_is()
    {
        await using var market = await MarketFixture.StartAsync();
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            using var response = await market.Http.GetAsync(path, TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        market.Clock.Advance(TimeSpan.FromDays(3));
        (await market.GetAsync("/sim/clock")).GetProperty("now").GetDateTimeOffset().ShouldBe(market.Clock.GetUtcNow());
    }

    [Fact]
    public async Task Its_pages_list_instances_and_encode_what_buyers_typed()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync(more: ""","customerName":"<b>Ada</b>" """);

        var page = await market.Http.GetStringAsync("/seller/instances", TestContext.Current.CancellationToken);

        page.ShouldContain(id);
        page.ShouldContain("&lt;b&gt;Ada&lt;/b&gt;");
        page.ShouldNotContain("<b>Ada");
    }

    [Fact]
    public async Task Calls_are_listed_newest_last_by_instance_and_up_to_a_limit()
    {
        await using var market = await MarketFixture.StartAsync();
        var first = await market.RunningAsync();
        await market.RunningAsync();
        await market.PostAsync($"/sim/instances/{first}/close");

        (await market.ItemsAsync("/sim/calls")).Select(c => c.GetProperty("id").GetInt64()).ShouldBe([1, 2, 3, 4, 5]);
        (await market.ItemsAsync($"/sim/calls?instanceId={first}")).Select(c => c.GetProperty("activity").GetString())
            .ShouldBe(["newInstance", "queryInstance", "releaseInstance"]);
        (await market.ItemsAsync("/sim/calls?limit=1")).ShouldHaveSingleItem().GetProperty("activity").GetString().ShouldBe("releaseInstance");
    }

    [Fact]
    public async Task A_call_is_shown_with_all_that_went_over_the_wire()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.RunningAsync();

        var call = (await market.CallsAsync("newInstance"))[0];

        var received = market.Seller.Of("newInstance")[0];
        call.GetProperty("requestBody").GetString().ShouldBe(received.Body);
        call.GetProperty("queryString").GetString().ShouldBe($"?signature={received.Query["signature"]}&timestamp={received.Query["timestamp"]}&nonce={received.Query["nonce"]}");
        call.GetProperty("answerBody").GetString()!.ShouldContain("000000");
        call.GetProperty("httpStatus").GetInt32().ShouldBe(200);
        call.GetProperty("bodySignVerified").GetBoolean().ShouldBeTrue();
        call.GetProperty("attempt").GetInt32().ShouldBe(1);
        call.ToString().ShouldNotContain(MarketFixture.Key);
    }

    [Theory]
    [InlineData("/nowhere", HttpStatusCode.NotFound, "not-found")]
    [InlineData("/sim/instances/nobody", HttpStatusCode.NotFound, "instance-not-found")]
    [InlineData("/sim/calls?limit=0", HttpStatusCode.BadRequest, "limit-invalid")]
    [InlineData("/sim/calls?limit=many", HttpStatusCode.BadRequest, "bad-request")]
    [InlineData("/sim/instances?cursor=-1", HttpStatusCode.BadRequest, "cursor-invalid")]
    [InlineData("/sim/instances?cursor=1", HttpStatusCode.BadRequest, "cursor-invalid")]
    [InlineData("/sim/test-calls", HttpStatusCode.MethodNotAllowed, "method-not-allowed")]
    public async Task Whatever_cannot_be_answered_is_a_problem_with_a_code(string path, HttpStatusCode status, string code)
    {
        await using var market = await MarketFixture.StartAsync();
        using var response = await market.Http.GetAsync(path, TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain($"\"code\":\"{code}\"");
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_at_once()
    {
        foreach (var options in new[]
        {
            new SimulatorOptions { SellerCallbackUrl = "nowhere" },
            new SimulatorOptions { SellerAccessKey = " " },
            new SimulatorOptions { RetryScale = 0 },
            new SimulatorOptions { StateFile = "" },
            new SimulatorOptions { QueryPollInterval = TimeSpan.Zero },
        })
            Should.Throw<ArgumentException>(() => SimulatorHost.Build(options, TimeProvider.System));
    }

    [Fact]
    public async Task Pages_of_instances_begin_with_the_newest_and_lead_to_the_oldest()
    {
        await using var market = await MarketFixture.StartAsync();
        var lines = new List<string>();
        while (lines.Count < 5)
            lines.Add(await market.OrderAsync());

        var seen = new List<IReadOnlyList<string?>>();
        string? cursor = null;
        do
        {
            var page = await market.GetAsync("/sim/instances?limit=2" + (cursor is null ? "" : "&cursor=" + cursor));
            seen.Add([.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("orderLineId").GetString())]);
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        seen.ShouldBe([[lines[3], lines[4]], [lines[1], lines[2]], [lines[0]]]);
    }

    [Fact]
    public async Task A_hundred_orders_at_once_all_run()
    {
        await using var market = await MarketFixture.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => market.OrderAsync()));
        await market.RunDueAsync();
        (await market.ItemsAsync("/sim/instances")).Count(i => i.GetProperty("status").GetString() == "running").ShouldBe(100);
    }

    [Fact]
    public async Task A_V1_order_is_created_by_GET_with_a_token_and_its_credentials_are_decrypted()
    {
        await using var market = await MarketFixture.StartAsync(withV1: true);
        var password = Signing.V1FieldCipher.Encrypt(MarketFixture.Key, "secret-1", keyBytes: 32);
        market.Seller.Script = r => r.Activity == "newInstance"
            ? new($$$"""{"resultCode":"000000","resultMsg":"success","instanceId":"v1-1","encryptType":"1","appInfo":{"frontEndUrl":"https://x.example","password":"{{{password}}}"}}""")
            : null;

        var line = await market.OrderAsync("period", ""","version":"v1","email":"ada+1@example.com" """);
        var instance = await market.StatusAsync(line, "running");
        await market.PostAsync("/sim/instances/v1-1/freeze");
        await market.PostAsync("/sim/instances/v1-1/unfreeze");
        await market.PostAsync("/sim/instances/v1-1/renew");
        await market.PostAsync("/sim/instances/v1-1/close");
        await market.StatusAsync(line, "closed");

        instance.GetProperty("applicationInformation").GetProperty("password").GetString().ShouldBe("secret-1");
        market.Seller.All.ShouldAllBe(r => r.IsSigned);
        market.Seller.All.Select(r => r.Field("instanceStatus") ?? r.Activity).ShouldBe(["newInstance", "FREEZE", "NORMAL", "refreshInstance", "releaseInstance"]);
        var creation = market.Seller.All[0];
        creation.Field("chargingMode").ShouldBe("1");
        Signing.V1FieldCipher.Decrypt(MarketFixture.Key, creation.Field("email")!, 32).ShouldBe("ada+1@example.com");
        (await market.ViolationKindsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_V1_order_needs_the_address_for_it()
    {
        await using var market = await MarketFixture.StartAsync();
        (await market.PostAsync("/sim/orders", """{"product":"period","version":"v1"}""")).Json.GetProperty("code").GetString().ShouldBe("v1-not-configured");
        (await market.ItemsAsync("/sim/orders")).ShouldBeEmpty();
    }
}
