using System.Net;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class ChangeTests
{
    [Fact]
    public async Task Closing_releases_the_instance_and_it_is_closed_for_ever()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();

        var (status, told) = await market.PostAsync($"/sim/instances/{id}/close");

        status.ShouldBe(HttpStatusCode.OK);
        told.GetProperty("outcome").GetString().ShouldBe("acknowledged");
        told.GetProperty("instance").GetProperty("status").GetString().ShouldBe("closed");
        told.GetProperty("instance").GetProperty("closedAt").GetDateTimeOffset().ShouldBe(market.Clock.GetUtcNow());
        market.Seller.Of("releaseInstance").ShouldHaveSingleItem().Body.ShouldBe($$"""{"activity":"releaseInstance","instanceId":"{{id}}"}""");
        foreach (var action in new[] { "close", "freeze", "unfreeze" })
        {
            var (again, problem) = await market.PostAsync($"/sim/instances/{id}/{action}");
            again.ShouldBe(HttpStatusCode.Conflict);
            problem.GetProperty("code").GetString().ShouldBe("instance-closed");
        }
    }

    [Fact]
    public async Task A_release_that_the_seller_refuses_is_retried_and_the_instance_stays_open_until_it_is_acknowledged()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();
        market.Seller.Script = r => r.Activity == "releaseInstance" && market.Seller.Of("releaseInstance").Count == 1 ? Reply.Code("000005") : null;

        var (_, told) = await market.PostAsync($"/sim/instances/{id}/close");
        told.GetProperty("outcome").GetString().ShouldBe("failed");
        told.GetProperty("resultCode").GetString().ShouldBe("000005");
        told.GetProperty("instance").GetProperty("status").GetString().ShouldBe("running");
        await market.AdvanceAsync(TimeSpan.FromMinutes(2));

        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("closed");
    }

    [Fact]
    public async Task A_release_stops_after_an_hour_and_closing_again_starts_it_anew()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();
        market.Seller.Script = _ => Reply.Code("000005");
        await market.PostAsync($"/sim/instances/{id}/close");
        await market.AdvanceAsync(TimeSpan.FromHours(2));
        await market.AdvanceAsync(TimeSpan.FromHours(2));
        market.Seller.Of("releaseInstance").Count.ShouldBe(2);

        market.Seller.Script = _ => null;
        await market.PostAsync($"/sim/instances/{id}/close");

        await market.StatusAsync(id, "closed");
    }

    [Fact]
    public async Task Freezing_and_unfreezing_are_told_to_the_seller_and_shown_to_the_buyer()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();

        await market.PostAsync($"/sim/instances/{id}/freeze");
        await market.StatusAsync(id, "frozen");
        (await market.PostAsync($"/sim/instances/{id}/freeze")).Json.GetProperty("code").GetString().ShouldBe("instance-frozen");
        await market.PostAsync($"/sim/instances/{id}/unfreeze");
        await market.StatusAsync(id, "running");
        (await market.PostAsync($"/sim/instances/{id}/unfreeze")).Json.GetProperty("code").GetString().ShouldBe("instance-not-frozen");

        market.Seller.Of("updateInstanceStatus").Select(r => r.Body).ShouldBe([
            $$"""{"activity":"updateInstanceStatus","instanceId":"{{id}}","status":"FREEZE"}""",
            $$"""{"activity":"updateInstanceStatus","instanceId":"{{id}}","status":"UNFREEZE"}""",
        ]);
    }

    [Fact]
    public async Task A_freeze_that_failed_is_not_retried_once_the_buyer_was_unfrozen()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();
        market.Seller.Script = r => r.Field("status") == "FREEZE" ? Reply.Code("000005") : null;

        await market.PostAsync($"/sim/instances/{id}/freeze");
        await market.PostAsync($"/sim/instances/{id}/unfreeze");
        await market.AdvanceAsync(TimeSpan.FromMinutes(2));

        market.Seller.Of("updateInstanceStatus").Select(r => r.Field("status")).ShouldBe(["FREEZE", "UNFREEZE"]);
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task A_freeze_that_fails_after_its_unfreeze_was_asked_for_is_not_retried_either()
    {
        await using var market = await MarketFixture.StartAsync(o => (o.RetryScale, o.ControlWait) = (0.01, TimeSpan.FromMilliseconds(100)));
        var id = await market.RunningAsync();
        using var unfrozen = new ManualResetEventSlim();
        market.Seller.Script = r =>
        {
            if (r.Field("status") != "FREEZE")
                return null;
            unfrozen.Wait(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken).ShouldBeTrue();
            return Reply.Code("000005");
        };

        var freezing = market.PostAsync($"/sim/instances/{id}/freeze");
        await MarketFixture.EventuallyAsync(() => Task.FromResult(market.Seller.Of("updateInstanceStatus")), f => f.Count == 1, "the freeze");
        // It waits behind the freeze, so the market answers that it is queued.
        (await market.PostAsync($"/sim/instances/{id}/unfreeze")).Status.ShouldBe(HttpStatusCode.Accepted);
        unfrozen.Set();
        await freezing;
        var calls = await market.CallsAsync("updateInstanceStatus", 2);
        calls.ShouldAllBe(c => c.GetProperty("nextAttemptAt").ValueKind == JsonValueKind.Null);
        await market.AdvanceAsync(TimeSpan.FromSeconds(2));

        market.Seller.Of("updateInstanceStatus").Select(f => f.Field("status")).ShouldBe(["FREEZE", "UNFREEZE"]);
    }

    [Fact]
    public async Task A_renewal_is_a_new_order_with_the_new_absolute_end()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync("period");
        (await market.InstanceAsync(id)).GetProperty("expireTime").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 4, 5, 15, 59, 59, TimeSpan.Zero));

        var (_, told) = await market.PostAsync($"/sim/instances/{id}/renew", """{"periodType":"month","periodNumber":2}""");

        told.GetProperty("outcome").GetString().ShouldBe("acknowledged");
        var call = market.Seller.Of("refreshInstance").ShouldHaveSingleItem();
        call.Field("scene").ShouldBe("RENEWAL");
        call.Field("instanceId").ShouldBe(id);
        call.Field("expireTime").ShouldBe("20260605155959000");
        var orders = await market.ItemsAsync("/sim/orders");
        orders.Select(o => o.GetProperty("orderType").GetString()).ShouldBe(["NEW", "RENEW"]);
        call.Field("orderId").ShouldBe(orders[1].GetProperty("orderId").GetString());
        (await market.InstanceAsync(id)).GetProperty("expireTime").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 6, 5, 15, 59, 59, TimeSpan.Zero));
    }

    [Fact]
    public async Task Pay_per_use_cannot_be_renewed()
    {
        await using var market = await MarketFixture.StartAsync();
        var (status, problem) = await market.PostAsync($"/sim/instances/{await market.RunningAsync()}/renew");
        status.ShouldBe(HttpStatusCode.Conflict);
        problem.GetProperty("code").GetString().ShouldBe("not-a-period-product");
    }

    [Fact]
    public async Task An_expired_period_is_frozen_and_unfrozen_by_its_renewal()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync("period");

        await market.AdvanceAsync(TimeSpan.FromDays(32));
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("frozen");
        (await market.PostAsync($"/sim/instances/{id}/unfreeze")).Json.GetProperty("code").GetString().ShouldBe("instance-expired");
        await market.PostAsync($"/sim/instances/{id}/renew");

        await market.StatusAsync(id, "running");
        market.Seller.All.TakeLast(3).Select(r => r.Field("status") ?? r.Activity).ShouldBe(["FREEZE", "refreshInstance", "UNFREEZE"]);
        await market.AdvanceAsync(TimeSpan.FromDays(16));
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task An_expired_period_is_released_after_fifteen_days()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync("period");

        await market.AdvanceAsync(TimeSpan.FromDays(60));

        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("closed");
        market.Seller.All.TakeLast(2).Select(r => r.Field("status") ?? r.Activity).ShouldBe(["FREEZE", "releaseInstance"]);
    }

    [Fact]
    public async Task Leaving_a_period_early_is_an_unsubscription_with_its_own_order()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync("period");

        await market.PostAsync($"/sim/instances/{id}/close");

        var refund = (await market.ItemsAsync("/sim/orders"))[1];
        refund.GetProperty("orderType").GetString().ShouldBe("UNSUBSCRIBE");
        market.Seller.Of("releaseInstance").ShouldHaveSingleItem().Field("orderId").ShouldBe(refund.GetProperty("orderId").GetString());
    }

    [Fact]
    public async Task An_instance_can_be_changed_by_nobody_before_the_seller_named_it()
    {
        await using var market = await MarketFixture.StartAsync();
        market.Seller.Script = _ => Reply.Code("000005");
        var line = await market.OrderAsync();

        var (status, problem) = await market.PostAsync($"/sim/instances/{line}/close");

        status.ShouldBe(HttpStatusCode.Conflict);
        problem.GetProperty("code").GetString().ShouldBe("instance-being-created");
        (await market.PostAsync("/sim/instances/nobody/close")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Opening_the_details_asks_the_seller_live_and_once()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();
        market.Seller.Script = r => r.Activity == "queryInstance" ? Reply.Code("000005") : null;

        var (_, told) = await market.PostAsync($"/sim/instances/{id}/query");
        await market.AdvanceAsync(TimeSpan.FromHours(1));

        told.GetProperty("outcome").GetString().ShouldBe("failed");
        told.GetProperty("nextAttemptAt").ValueKind.ShouldBe(JsonValueKind.Null);
        market.Seller.Of("queryInstance").Count.ShouldBe(2);
        (await market.InstanceAsync(id)).GetProperty("status").GetString().ShouldBe("running");
    }

    [Fact]
    public async Task Test_calls_of_every_activity_are_sent_and_their_answers_reported()
    {
        await using var market = await MarketFixture.StartAsync(withV1: true);
        market.Seller.Script = r => r.Activity == "newInstance" ? Reply.Created("test-1") : null;

        var (_, told) = await market.PostAsync("/sim/test-calls");

        told.GetProperty("passed").GetBoolean().ShouldBeTrue();
        market.Seller.All.ShouldAllBe(r => r.IsSigned && r.Field("testFlag") == "1");
        market.Seller.All.Select(r => r.Activity).Distinct().ShouldBe(["newInstance", "queryInstance", "refreshInstance", "updateInstanceStatus", "upgradeInstance",
            "changeInstanceCheck", "releaseInstance", "instanceStatus", "upgrade", "expireInstance"]);
        told.GetProperty("items").GetArrayLength().ShouldBe(market.Seller.All.Count);
        (await market.ItemsAsync("/sim/instances")).ShouldBeEmpty();

        market.Seller.Script = r => r.Activity == "upgradeInstance" ? Reply.Code("000005") : null;
        (await market.PostAsync("/sim/test-calls")).Json.GetProperty("passed").GetBoolean().ShouldBeFalse();
    }
}
