using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.TestKit;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>From the order at the market to the active subscription (rules §3; protocol §2.1, §2.2, §4.2).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class BuyingSpecs(MarketFixture market)
{
    [Fact]
    public async Task An_order_becomes_an_active_subscription_and_the_buyer_sees_where_to_register()
    {
        var order = await market.PlaceOrderAsync("period", email: "buyer@example.com");

        var instance = await market.RunningAsync(order.OrderLineId);

        instance.GetProperty("applicationInformation").Text("frontEndUrl").ShouldBe("https://console.example.com/register");
        var subscription = (await market.FindAsync(instance.Text("instanceId"))).ShouldNotBeNull();
        subscription.State.ShouldBe(CloudSubscriptionState.Active);
        subscription.AccountId.ShouldBe(order.CustomerId);
        subscription.BuyerEmail.ShouldBe("buyer@example.com");
        subscription.ChargingMode.ShouldBe("PERIOD");
        subscription.ExpiresAt.ShouldBe(instance.GetProperty("expireTime").GetDateTimeOffset());
        subscription.ActivatedAt.ShouldNotBeNull();
        (await market.PendingAsync(order.OrderId)).ShouldBeEmpty();
        (await market.ViolationsAsync(order.OrderLineId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Calls_that_come_twice_and_answers_that_are_lost_make_one_subscription_with_one_instance_id()
    {
        string line, orderId;
        await using (await market.FaultAsync(new { duplicate = 1.0, loseAnswer = 0.6, seed = 7 }))
        {
            (orderId, line, _) = await market.PlaceOrderAsync();
            await market.RunningAsync(line);
        }

        var instanceId = (await market.RunningAsync(line)).Text("instanceId");
        var creations = (await market.CallsAsync(instanceId)).Where(call => call.Text("activity") == "newInstance").ToArray();
        creations.Length.ShouldBeGreaterThan(1);
        creations.ShouldAllBe(call => call.Text("answerBody").Contains(instanceId));
        (await market.OfOrderAsync(orderId)).Single().InstanceId.ShouldBe(instanceId);
        (await market.ViolationsAsync(line)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ten_first_calls_at_the_same_time_are_answered_with_one_instance_id()
    {
        await using var down = await market.FaultAsync(new { down = true });
        var order = await market.PlaceOrderAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => market.NewInstanceAsync(order.OrderId, $"{order.OrderId}-business-{n}")));

        answers.Select(answer => answer.Code()).Distinct().ShouldBe(["000004"]);
        answers.Select(answer => answer.Text("instanceId")).Distinct().Single().ShouldStartWith($"{order.OrderId}-business-");
        (await market.OfOrderAsync(order.OrderId)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task While_the_order_query_is_down_the_instance_is_processing_and_becomes_active_when_it_is_back()
    {
        string instanceId, orderId;
        await using (await market.FaultAsync(new { down = true }))
        {
            orderId = (await market.PlaceOrderAsync()).OrderId;
            instanceId = (await market.NewInstanceAsync(orderId, orderId + "-business")).Text("instanceId");
            var pending = await Eventually.Until(() => market.PendingAsync(orderId), orders => orders is [{ Attempts: > 0 }]);

            instanceId.ShouldBe(orderId + "-business");
            pending[0].LastError.ShouldNotBeNull().ShouldContain("503");
            (await market.FindAsync(instanceId)).ShouldNotBeNull().State.ShouldBe(CloudSubscriptionState.Requested);
            (await market.CallAsync(new { activity = "queryInstance", instanceId })).Code().ShouldBe("000004");
            (await market.LookAsync("/api/operator/cloud-subscriptions/pending-orders")).GetRawText().ShouldContain(orderId);
        }

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromMinutes(10)); // the longest pause between two tries

        (await market.FindAsync(instanceId, CloudSubscriptionState.Active)).AccountId.ShouldNotBeNull();
        (await market.CallAsync(new { activity = "queryInstance", instanceId })).Code().ShouldBe("000000");
        (await market.PendingAsync(orderId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_instance_released_before_its_order_is_known_is_closed_and_never_active()
    {
        string instanceId;
        DateTimeOffset releasedAt;
        await using (await market.FaultAsync(new { down = true }))
        {
            var order = await market.PlaceOrderAsync();
            instanceId = (await market.NewInstanceAsync(order.OrderId, order.OrderId + "-business")).Text("instanceId");
            releasedAt = DateTimeOffset.FromUnixTimeMilliseconds(market.Clock.GetUtcNow().ToUnixTimeMilliseconds());
            (await market.CallAsync(new { activity = "releaseInstance", instanceId }, releasedAt)).Code().ShouldBe("000000");
        }

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromMinutes(10));

        var subscription = (await Eventually.Until(() => market.FindAsync(instanceId), found => found?.AccountId is not null)).ShouldNotBeNull();
        subscription.State.ShouldBe(CloudSubscriptionState.Closed);
        subscription.ClosedAt.ShouldBe(releasedAt);
        subscription.ActivatedAt.ShouldBeNull();
        (await market.BillingCenter.SendAsync(new FindOpenCloudSubscription(CloudProvider.HuaweiCloud, subscription.AccountId!))).ShouldBeNull();
    }

    [Fact]
    public async Task The_old_protocol_names_the_buyer_itself_and_activates_at_once()
    {
        var order = await market.PlaceOrderAsync("period", email: "old-buyer@example.com", version: "v1");

        var instance = await market.RunningAsync(order.OrderLineId);

        instance.GetProperty("applicationInformation").Text("frontEndUrl").ShouldBe("https://console.example.com/register");
        var subscription = (await market.FindAsync(instance.Text("instanceId"))).ShouldNotBeNull();
        subscription.State.ShouldBe(CloudSubscriptionState.Active);
        subscription.AccountId.ShouldBe(order.CustomerId);
        subscription.BuyerEmail.ShouldBe("old-buyer@example.com");
        subscription.ChargingMode.ShouldBe("PERIOD");
        (await market.PendingAsync(order.OrderId)).ShouldBeEmpty();
        (await market.ViolationsAsync(order.OrderLineId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task In_the_old_protocol_the_product_tells_the_instances_of_one_order_apart()
    {
        var first = await market.NewInstanceV1Async("CS-V1-PRODUCTS", "product-1", "v1-business-1");
        var repeat = await market.NewInstanceV1Async("CS-V1-PRODUCTS", "product-1", "v1-business-2");
        var second = await market.NewInstanceV1Async("CS-V1-PRODUCTS", "product-2", "v1-business-3");

        new[] { first, repeat, second }.ShouldAllBe(answer => answer.Code() == "000000");
        new[] { first, repeat, second }.Select(answer => answer.Text("instanceId")).ShouldBe(["v1-business-1", "v1-business-1", "v1-business-3"]);
    }
}
