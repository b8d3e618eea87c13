using System.Net;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class FaultTests
{
    [Fact]
    public async Task A_lost_answer_leads_to_another_call_and_the_same_instance()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.FaultsAsync("""{"loseAnswer":1}""");
        var line = await market.OrderAsync();
        var lost = (await market.CallsAsync("newInstance", 1))[0];
        lost.GetProperty("outcome").GetString().ShouldBe("answer-lost");
        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("creating");

        await market.FaultsAsync("""{"reset":true}""");
        await market.AdvanceAsync(TimeSpan.FromMinutes(3));

        var instance = await market.StatusAsync(line, "running");
        market.Seller.Of("newInstance").Count.ShouldBe(2);
        instance.GetProperty("instanceId").GetString().ShouldBe(market.Seller.Of("newInstance")[0].Field("businessId"));
        (await market.ViolationKindsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_seller_that_names_another_instance_after_a_lost_answer_breaches_the_protocol()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.FaultsAsync("""{"loseAnswer":1}""");
        market.Seller.Script = r => r.Activity == "newInstance" ? Reply.Created("instance-" + market.Seller.All.Count) : null;
        var line = await market.OrderAsync();
        await market.CallsAsync("newInstance", 1);
        await market.FaultsAsync("""{"reset":true}""");
        await market.AdvanceAsync(TimeSpan.FromMinutes(3));

        (await market.ViolationKindsAsync()).ShouldBe(["instance-id-changed"]);
        (await market.ItemsAsync("/sim/violations"))[0].GetProperty("orderLineId").GetString().ShouldBe(line);
    }

    [Fact]
    public async Task Duplicated_calls_arrive_twice_with_their_own_nonce_timestamp_and_business_id()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.FaultsAsync("""{"duplicate":1}""");

        var id = await market.RunningAsync();
        await market.PostAsync($"/sim/instances/{id}/freeze");
        await MarketFixture.EventuallyAsync(() => Task.FromResult(market.Seller.Of("updateInstanceStatus")), f => f.Count == 2, "two freezes");
        await market.RunDueAsync();

        var creations = market.Seller.Of("newInstance");
        creations.Count.ShouldBe(2);
        creations.Select(c => c.Query["nonce"]).Distinct().Count().ShouldBe(2);
        creations.Select(c => c.TimestampMs).Distinct().Count().ShouldBe(2);
        creations.Select(c => c.Field("businessId")).Distinct().Count().ShouldBe(2);
        market.Seller.All.ShouldAllBe(r => r.IsSigned);
        (await market.CallsAsync("newInstance")).Count(c => c.GetProperty("duplicate").GetBoolean()).ShouldBe(1);
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("frozen");
        await market.AdvanceAsync(TimeSpan.FromHours(1));
        market.Seller.Of("newInstance").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_reordered_freeze_arrives_after_its_unfreeze_with_the_older_timestamp_and_the_market_keeps_the_later_word()
    {
        await using var market = await MarketFixture.StartAsync(o => o.ControlWait = TimeSpan.FromMilliseconds(100));
        var id = await market.RunningAsync();
        await market.FaultsAsync("""{"reorder":1,"reorderMaxMs":5000}""");
        (await market.PostAsync($"/sim/instances/{id}/freeze")).Status.ShouldBe(HttpStatusCode.Accepted);
        await market.FaultsAsync("""{"reset":true}""");
        await market.PostAsync($"/sim/instances/{id}/unfreeze");

        await market.AdvanceAsync(TimeSpan.FromSeconds(6));

        var calls = market.Seller.Of("updateInstanceStatus");
        calls.Select(c => c.Field("status")).ShouldBe(["UNFREEZE", "FREEZE"]);
        calls[1].TimestampMs.ShouldBeLessThan(calls[0].TimestampMs);
        calls.ShouldAllBe(c => c.IsSigned);
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task A_reordered_freeze_that_got_too_old_is_dropped_when_a_later_word_was_said()
    {
        await using var market = await MarketFixture.StartAsync(o => o.ControlWait = TimeSpan.FromMilliseconds(100));
        var id = await market.RunningAsync();
        await market.FaultsAsync("""{"reorder":1,"reorderMaxMs":5000}""");
        await market.PostAsync($"/sim/instances/{id}/freeze");
        await market.FaultsAsync("""{"reset":true}""");
        await market.PostAsync($"/sim/instances/{id}/unfreeze");

        await market.AdvanceAsync(TimeSpan.FromDays(1));

        market.Seller.Of("updateInstanceStatus").Select(c => c.Field("status")).ShouldBe(["UNFREEZE"]);
    }

    [Fact]
    public async Task Reordered_and_duplicated_creations_end_with_one_instance_for_each_order()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.FaultsAsync("""{"duplicate":1,"reorder":0.5,"seed":7}""");
        for (var i = 0; i < 10; i++)
            await market.OrderAsync();
        await market.FaultsAsync("""{"reset":true}""");

        await market.AdvanceAsync(TimeSpan.FromSeconds(3));
        await market.RunDueAsync();

        (await market.ItemsAsync("/sim/instances")).ShouldAllBe(i => i.GetProperty("status").GetString() == "running");
        market.Seller.Of("newInstance").Count.ShouldBe(20);
        (await market.CallsAsync("newInstance")).Count(c => c.GetProperty("reordered").GetBoolean()).ShouldBeInRange(1, 19);
        (await market.ViolationKindsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task While_the_market_is_down_nothing_is_called_and_afterwards_all_of_it_is()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.FaultsAsync("""{"down":true}""");
        var line = await market.OrderAsync();

        await market.AdvanceAsync(TimeSpan.FromHours(5));
        market.Seller.All.ShouldBeEmpty();
        using var push = await market.Http.PostAsync("/api/mkp-openapi-public/global/v1/isv/usage-data", null, TestContext.Current.CancellationToken);
        push.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var query = await market.Http.GetAsync("/api/mkp-openapi-public/global/v1/order/query?orderId=MOCKONDEMAND", TestContext.Current.CancellationToken);
        query.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await market.PostAsync("/sim/test-calls")).Json.GetProperty("code").GetString().ShouldBe("market-down");

        await market.FaultsAsync("""{"down":false}""");
        await market.StatusAsync(line, "running");
        market.Seller.All.ShouldAllBe(r => r.IsSigned);
    }

    [Theory]
    [InlineData("http-status")]
    [InlineData("content-type")]
    [InlineData("body-sign-wrong")]
    [InlineData("bad-answer")]
    [InlineData("instance-id-missing")]
    public async Task An_answer_that_breaks_the_protocol_is_a_failure_and_a_violation(string kind)
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = _ => kind switch
        {
            "http-status" => Reply.Created("i") with { Status = 500 },
            "content-type" => Reply.Created("i") with { ContentType = "text/html" },
            "body-sign-wrong" => Reply.Created("i") with { BodySign = "sign_type=\"HMAC-SHA256\", signature=\"AAAA\"" },
            "bad-answer" => new Reply("<html>"),
            _ => Reply.Code("000000"),
        };

        await market.OrderAsync();
        var call = (await market.CallsAsync("newInstance", 1))[0];

        call.GetProperty("outcome").GetString().ShouldBe("failed");
        call.GetProperty("bodySignVerified").GetBoolean().ShouldBe(kind != "body-sign-wrong");
        (await market.ViolationKindsAsync()).ShouldBe([kind]);
    }

    [Fact]
    public async Task A_missing_body_sign_and_missing_information_are_violations()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = r => r.Activity switch
        {
            "newInstance" => Reply.Created("i-1") with { OmitsBodySign = true },
            "queryInstance" when market.Seller.Of("queryInstance").Count == 1 => Reply.Code("000000"),
            "queryInstance" => new("""{"resultCode":"000000","info":[{"instanceId":"i-1","appInfo":{"frontEndUrl":"https://x.example"}}]}"""),
            _ => null,
        };

        var line = await market.OrderAsync();
        await market.CallsAsync("queryInstance", 1);
        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("creating");
        await market.AdvanceAsync(market.Options.QueryPollInterval);

        (await market.InstanceAsync(line)).GetProperty("status").GetString().ShouldBe("running");
        (await market.ViolationKindsAsync()).ShouldBe(["body-sign-missing", "application-information-missing", "usage-information-missing"]);
    }

    [Fact]
    public async Task An_instance_id_that_belongs_to_another_order_is_not_accepted()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = r => r.Activity == "newInstance" ? Reply.Created("always-the-same") : null;
        await market.RunningAsync();

        var second = await market.OrderAsync();
        await market.CallsAsync("newInstance", 2);

        (await market.InstanceAsync(second)).GetProperty("status").GetString().ShouldBe("creating");
        (await market.ViolationKindsAsync()).ShouldBe(["instance-id-reused"]);
    }

    [Fact]
    public async Task A_slow_answer_counts_and_is_a_violation()
    {
        await using var market = await MarketFixture.StartAsync(o => o.SlowAnswer = TimeSpan.FromTicks(1));
        await market.RunningAsync();
        (await market.ViolationKindsAsync()).ShouldAllBe(k => k == "slow-answer");
        (await market.ViolationKindsAsync()).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("""{"duplicate":1.5}""", "fault-out-of-range")]
    [InlineData("""{"delayMs":-1}""", "fault-out-of-range")]
    [InlineData("""{"rejectCode":"999"}""", "fault-out-of-range")]
    [InlineData("""{"duplicates":1}""", "bad-request")]
    public async Task A_fault_that_makes_no_sense_is_refused_and_changes_nothing(string body, string code)
    {
        await using var market = await MarketFixture.StartAsync();
        var before = (await market.GetAsync("/sim/faults")).ToString();
        var (status, problem) = await market.PostAsync("/sim/faults", body);
        status.ShouldBe(HttpStatusCode.BadRequest);
        problem.GetProperty("code").GetString().ShouldBe(code);
        (await market.GetAsync("/sim/faults")).ToString().ShouldBe(before);
    }

    [Fact]
    public async Task Faults_given_replace_the_current_ones_and_the_others_stay()
    {
        await using var market = await MarketFixture.StartAsync();
        await market.FaultsAsync("""{"duplicate":0.5,"delayMs":1}""");
        await market.FaultsAsync("""{"loseAnswer":0.25}""");
        var faults = await market.GetAsync("/sim/faults");
        faults.GetProperty("duplicate").GetDouble().ShouldBe(0.5);
        faults.GetProperty("loseAnswer").GetDouble().ShouldBe(0.25);
        faults.GetProperty("delayMs").GetInt32().ShouldBe(1);
    }
}
