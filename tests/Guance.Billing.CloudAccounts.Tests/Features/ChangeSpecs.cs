using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.TestKit;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>What the market does with an instance after it runs (protocol §2.3-2.7).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class ChangeSpecs(MarketFixture market)
{
    [Fact]
    public async Task Close_resource_closes_for_ever_and_repeats_are_acknowledged()
    {
        var (instanceId, customerId) = await market.BuyAsync();

        (await market.ChangeAsync(instanceId, "close")).Text("outcome").ShouldBe("acknowledged");

        var closed = await market.FindAsync(instanceId, CloudSubscriptionState.Closed);
        closed.ClosedAt.ShouldNotBeNull();
        (await market.CallAsync(new { activity = "releaseInstance", instanceId })).Code().ShouldBe("000000");
        (await market.CallAsync(new { activity = "updateInstanceStatus", instanceId, status = "UNFREEZE" })).Code().ShouldBe("000000");
        (await market.FindAsync(instanceId)).ShouldBe(closed);
        (await market.CallAsync(new { activity = "changeInstanceCheck", instanceId, productInfo = new { productId = "p" } })).Code().ShouldBe("000005");
        (await market.BillingCenter.SendAsync(new FindOpenCloudSubscription(CloudProvider.HuaweiCloud, customerId))).ShouldBeNull();
    }

    [Fact]
    public async Task Buying_again_after_closing_gives_a_new_instance_id_of_the_same_account()
    {
        var (first, customerId) = await market.BuyAsync();
        await market.ChangeAsync(first, "close");

        var (second, _) = await market.BuyAsync(customerId: customerId);

        second.ShouldNotBe(first);
        (await market.FindAsync(first)).ShouldNotBeNull().State.ShouldBe(CloudSubscriptionState.Closed);
        (await market.BillingCenter.SendAsync(new FindOpenCloudSubscription(CloudProvider.HuaweiCloud, customerId))).ShouldNotBeNull().InstanceId.ShouldBe(second);
    }

    [Fact]
    public async Task A_frozen_subscription_is_not_offered_until_it_is_unfrozen()
    {
        var (instanceId, customerId) = await market.BuyAsync();

        await market.ChangeAsync(instanceId, "freeze");
        await market.FindAsync(instanceId, CloudSubscriptionState.Frozen);
        (await market.BillingCenter.SendAsync(new FindOpenCloudSubscription(CloudProvider.HuaweiCloud, customerId))).ShouldBeNull();

        await market.ChangeAsync(instanceId, "unfreeze");
        await market.FindAsync(instanceId, CloudSubscriptionState.Active);
        (await market.BillingCenter.SendAsync(new FindOpenCloudSubscription(CloudProvider.HuaweiCloud, customerId))).ShouldNotBeNull().InstanceId.ShouldBe(instanceId);
    }

    [Fact]
    public async Task Of_a_freeze_and_an_unfreeze_that_overtook_each_other_the_one_signed_last_holds()
    {
        var (instanceId, _) = await market.BuyAsync();
        var now = market.Clock.GetUtcNow();

        await market.CallAsync(new { activity = "updateInstanceStatus", instanceId, status = "FREEZE" }, now);
        (await market.CallAsync(new { activity = "updateInstanceStatus", instanceId, status = "UNFREEZE" }, now.AddSeconds(-5))).Code().ShouldBe("000000");

        (await market.FindAsync(instanceId)).ShouldNotBeNull().State.ShouldBe(CloudSubscriptionState.Frozen);
    }

    [Fact]
    public async Task A_renewal_sets_the_new_expiry_and_the_order_behind_it_is_dated()
    {
        var (instanceId, _) = await market.BuyAsync("period");

        (await market.ChangeAsync(instanceId, "renew", new { periodType = "month", periodNumber = 2 })).Text("outcome").ShouldBe("acknowledged");

        var view = (await market.ChangeAsync(instanceId, "query")).GetProperty("instance");
        (await market.FindAsync(instanceId)).ShouldNotBeNull().ExpiresAt.ShouldBe(view.GetProperty("expireTime").GetDateTimeOffset());
        var orderId = view.Text("orderId");
        await Eventually.Until(async () => (await market.OfOrderAsync(orderId)).Single().Expiries is [{ OrderPlacedAt: not null }]);
    }

    [Fact]
    public async Task In_the_old_protocol_a_renewal_alone_brings_a_frozen_instance_back()
    {
        var order = await market.PlaceOrderAsync("period", version: "v1");
        var instanceId = (await market.RunningAsync(order.OrderLineId)).Text("instanceId");
        await market.ChangeAsync(instanceId, "freeze");
        await market.FindAsync(instanceId, CloudSubscriptionState.Frozen);

        await market.ChangeAsync(instanceId, "renew");

        await market.FindAsync(instanceId, CloudSubscriptionState.Active);
    }

    [Fact]
    public async Task An_upgrade_is_acknowledged_and_noted_once()
    {
        var (instanceId, _) = await market.BuyAsync();
        var upgrade = new { activity = "upgradeInstance", instanceId, orderId = "CS-UPGRADE", orderLineId = "CS-UPGRADE-000001" };

        (await market.CallAsync(upgrade)).Code().ShouldBe("000000");
        (await market.CallAsync(upgrade, market.Clock.GetUtcNow().AddSeconds(1))).Code().ShouldBe("000000");

        var orderId = (await market.ChangeAsync(instanceId, "query")).GetProperty("instance").Text("orderId");
        (await market.OfOrderAsync(orderId)).Single().UpgradeOrders.ShouldBe(["CS-UPGRADE"]);
    }

    [Fact]
    public async Task A_call_about_an_instance_that_does_not_exist_is_answered_so()
    {
        const string instanceId = "no-such-instance";
        object[] calls =
        [
            new { activity = "queryInstance", instanceId },
            new { activity = "releaseInstance", instanceId },
            new { activity = "updateInstanceStatus", instanceId, status = "FREEZE" },
            new { activity = "refreshInstance", instanceId, scene = "RENEWAL", orderId = "CS9", orderLineId = "CS9-000001", expireTime = "20270101000000" },
            new { activity = "upgradeInstance", instanceId, orderId = "CS9", orderLineId = "CS9-000001" },
            new { activity = "changeInstanceCheck", instanceId, productInfo = new { productId = "p" } },
        ];

        foreach (var call in calls)
        {
            (await market.CallAsync(call)).Code().ShouldBe("000003", call.ToString());
        }
    }

    [Fact]
    public async Task Of_several_instances_asked_for_the_known_ones_are_told()
    {
        var (instanceId, _) = await market.BuyAsync();

        var answer = await market.CallAsync(new { activity = "queryInstance", instanceId = $"no-such-instance,{instanceId}" });

        answer.Code().ShouldBe("000000");
        answer.GetProperty("info").EnumerateArray().Single().Text("instanceId").ShouldBe(instanceId);
    }

    [Fact]
    public async Task Every_call_of_the_markets_daily_dial_test_passes_and_leaves_no_trace() =>
        (await market.TestCallsAsync()).GetProperty("passed").GetBoolean().ShouldBeTrue();
}
