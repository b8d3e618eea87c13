using System.Net;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class OrderTests
{
    private static readonly string[] Processing = ["000004", "000004"];

    [Fact]
    public async Task An_order_is_created_at_the_seller_polled_and_then_runs_with_its_application_information()
    {
        await using var market = await MarketFixture.StartAsync();

        var (_, order) = await market.PostAsync("/sim/orders", """{"product":"pay-per-use","customerId":"abc123","customerName":"Ada","email":"ada@example.com"}""");
        var line = order.GetProperty("orderLineId").GetString()!;
        var instance = await market.StatusAsync(line, "running");

        order.GetProperty("customerId").GetString().ShouldBe("abc123");
        line.ShouldBe(order.GetProperty("orderId").GetString() + "-000001");
        order.GetProperty("orderId").GetString()!.ShouldMatch("^CS2603051620[A-Z0-9]{5}$");
        instance.GetProperty("applicationInformation").GetProperty("frontEndUrl").GetString().ShouldBe(FakeSeller.FrontEndUrl);
        market.Seller.All.ShouldAllBe(r => r.IsSigned);
        var creation = market.Seller.Of("newInstance").ShouldHaveSingleItem();
        creation.Body.ShouldBe($$"""{"activity":"newInstance","businessId":"{{creation.Field("businessId")}}","orderId":"{{order.GetProperty("orderId").GetString()}}","orderLineId":"{{line}}"}""");
        creation.ContentType.ShouldBe("application/json;charset=utf8");
        instance.GetProperty("instanceId").GetString().ShouldBe(creation.Field("businessId"));
        (await market.ItemsAsync("/sim/violations")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_accepted_order_is_polled_until_the_seller_has_provisioned_it()
    {
        await using var market = await MarketFixture.StartAsync();
        var answers = new Queue<string>(Processing);
        market.Seller.Script = r => r.Activity switch
        {
            "newInstance" => Reply.Created("instance-1", "000004"),
            "queryInstance" when answers.TryDequeue(out var code) => Reply.Code(code),
            _ => null,
        };

        var line = await market.OrderAsync();
        await market.CallsAsync("queryInstance", 1);
        await market.AdvanceAsync(market.Options.QueryPollInterval);
        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("creating");
        await market.AdvanceAsync(market.Options.QueryPollInterval);

        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("running");
        market.Seller.Of("queryInstance").Count.ShouldBe(3);
        market.Seller.Of("newInstance").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_failed_creation_is_tried_again_every_three_minutes_with_fresh_nonce_and_business_id()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = r => r.Activity == "newInstance" && market.Seller.Of("newInstance").Count < 3 ? Reply.Code("000005") : null;

        var line = await market.OrderAsync();
        await market.CallsAsync("newInstance", 1);
        await market.AdvanceAsync(TimeSpan.FromMinutes(3) - TimeSpan.FromSeconds(1));
        market.Seller.Of("newInstance").Count.ShouldBe(1);
        await market.AdvanceAsync(TimeSpan.FromSeconds(1));
        await market.AdvanceAsync(TimeSpan.FromMinutes(3));

        await market.StatusAsync(line, "running");
        var tries = market.Seller.Of("newInstance");
        tries.Count.ShouldBe(3);
        tries.Select(t => t.Query["nonce"]).Distinct().Count().ShouldBe(3);
        tries.Select(t => t.Field("businessId")).Distinct().Count().ShouldBe(3);
        tries.ShouldAllBe(t => t.IsSigned);
        var shown = await market.CallsAsync("newInstance");
        shown.Select(c => c.GetProperty("attempt").GetInt32()).ShouldBe([1, 2, 3]);
        shown.Select(c => c.GetProperty("outcome").GetString()).ShouldBe(["failed", "failed", "acknowledged"]);
        (await market.ItemsAsync($"/sim/calls?instanceId={tries[2].Field("businessId")}")).Count.ShouldBe(4);
        shown[0].GetProperty("nextAttemptAt").GetDateTimeOffset().ShouldBe(shown[0].GetProperty("answeredAt").GetDateTimeOffset() + TimeSpan.FromMinutes(3));
    }

    [Fact]
    public async Task An_order_that_never_succeeds_fails_after_three_hours_and_is_refunded()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = _ => Reply.Code("000005");
        var line = await market.OrderAsync();
        await market.CallsAsync("newInstance", 1);

        await market.AdvanceAsync(TimeSpan.FromHours(3) - TimeSpan.FromMinutes(3));
        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("creating");
        await market.AdvanceAsync(TimeSpan.FromMinutes(3));

        var instance = await market.InstanceAsync(line);
        instance.GetProperty("status").GetString().ShouldBe("closed");
        instance.GetProperty("note").GetString()!.ShouldContain("refunded");
        market.Seller.All.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_retry_that_fell_due_while_the_clock_jumped_over_the_whole_window_is_still_made_once()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = _ => market.Seller.All.Count == 1 ? Reply.Code("000005") : null;
        var line = await market.OrderAsync();
        await market.CallsAsync("newInstance", 1);

        await market.AdvanceAsync(TimeSpan.FromDays(14));

        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("running");
        market.Seller.All.ShouldAllBe(r => r.IsSigned);
    }

    [Fact]
    public async Task A_scale_shortens_the_intervals_so_that_a_demo_sees_retries_soon()
    {
        await using var market = await MarketFixture.StartAsync(o => o.RetryScale = 0.01);
        market.Seller.Script = _ => market.Seller.All.Count == 1 ? Reply.Code("000005") : null;
        var line = await market.OrderAsync();
        await market.CallsAsync("newInstance", 1);

        await market.AdvanceAsync(TimeSpan.FromMilliseconds(1800));

        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task A_seller_that_cannot_be_reached_is_an_outage_and_no_breach()
    {
        await using var market = await MarketFixture.StartAsync(o => o.SellerCallbackUrl = "http://127.0.0.1:1/produce");

        await market.OrderAsync();
        var call = (await market.CallsAsync("newInstance", 1))[0];

        call.GetProperty("httpStatus").ValueKind.ShouldBe(JsonValueKind.Null);
        call.GetProperty("error").GetString().ShouldNotBeNullOrEmpty();
        (await market.ItemsAsync("/sim/violations")).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_customer_may_have_several_orders_with_the_same_address()
    {
        await using var market = await MarketFixture.StartAsync();

        await market.RunningAsync(more: ""","customerId":"same","email":"one@example.com" """);
        await market.RunningAsync(more: ""","customerId":"same" """);

        var instances = await market.ItemsAsync("/sim/instances");
        instances.Count.ShouldBe(2);
        instances.ShouldAllBe(i => i.GetProperty("customerId").GetString() == "same" && i.GetProperty("email").GetString() == "one@example.com");
    }

    [Fact]
    public async Task A_customer_without_an_id_gets_one_as_Huawei_makes_them()
    {
        await using var market = await MarketFixture.StartAsync();
        var (_, order) = await market.PostAsync("/sim/orders", """{"product":"period"}""");
        order.GetProperty("customerId").GetString()!.ShouldMatch("^[0-9a-f]{32}$");
    }

    [Theory]
    [InlineData("""{"product":"gold"}""", "product-unknown")]
    [InlineData("""{"product":"pay-per-use","email":"nobody"}""", "email-invalid")]
    [InlineData("""{"product":"pay-per-use","customerId":"a b"}""", "customer-id-invalid")]
    [InlineData("""{"product":"pay-per-use","periodType":"month"}""", "period-invalid")]
    [InlineData("""{"product":"period","periodNumber":0}""", "period-invalid")]
    [InlineData("""{"product":"period","surprise":1}""", "bad-request")]
    [InlineData("""{"product":""", "bad-request")]
    public async Task An_order_that_makes_no_sense_is_refused_with_a_code_and_a_sentence(string body, string code)
    {
        await using var market = await MarketFixture.StartAsync();

        var (status, problem) = await market.PostAsync("/sim/orders", body);

        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("code").GetString().ShouldBe(code);
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        (await market.ItemsAsync("/sim/instances")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_idempotency_key_places_one_order()
    {
        await using var market = await MarketFixture.StartAsync();

        var (_, first) = await market.PostAsync("/sim/orders", """{"product":"pay-per-use"}""", "key-1");
        var (status, again) = await market.PostAsync("/sim/orders", """{"product":"pay-per-use"}""", "key-1");
        var (otherStatus, other) = await market.PostAsync("/sim/orders", """{"product":"period"}""", "key-1");

        status.ShouldBe(HttpStatusCode.Created);
        again.ToString().ShouldBe(first.ToString());
        (await market.ItemsAsync("/sim/instances")).Count.ShouldBe(1);
        otherStatus.ShouldBe(HttpStatusCode.Conflict);
        other.GetProperty("code").GetString().ShouldBe("idempotency-key-reused");
    }
}
