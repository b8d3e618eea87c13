using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.Tests.Domain;
using Guance.Billing.TestKit;
using HuaweiCloud.Marketplace;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>Whatever one order of a batch says, the others of it are noted.</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class NoteOrdersSpecs(MarketFixture market)
{
    [Fact]
    public async Task Orders_that_lack_the_line_or_the_buyer_wait_with_the_reason_and_the_others_are_noted()
    {
        await using var down = await market.FaultAsync(new { down = true });
        var good = await PendingAsync("CS-N1");
        var lineless = await PendingAsync("CS-N2");
        var buyerless = await PendingAsync("CS-N3");
        var unknown = PendingOrder.For(Ids.Deterministic<CloudSubscriptionId>("nothing"), "CS-N4", null, OrderPurpose.Purchase, Fold.T0);

        FetchedOrder[] batch =
        [
            new(unknown, Order("CS-N4"), null),
            new(lineless, Order("CS-N2") with { Lines = [] }, null),
            new(buyerless, Order("CS-N3") with { Buyer = null }, null),
            new(good, Order("CS-N1"), null),
        ];
        await market.BillingCenter.SendAsync(new NoteOrders(batch));
        await market.BillingCenter.SendAsync(new NoteOrders(batch)); // noted again, it changes nothing

        (await StateAsync("CS-N1")).ShouldBe(CloudSubscriptionState.Active);
        (await StateAsync("CS-N2")).ShouldBe(CloudSubscriptionState.Requested);
        (await StateAsync("CS-N3")).ShouldBe(CloudSubscriptionState.Requested);
        (await market.PendingAsync("CS-N1")).ShouldBeEmpty();
        (await market.PendingAsync("CS-N2")).Single().LastError.ShouldBe("The order has no such line.");
        (await market.PendingAsync("CS-N3")).Single().LastError.ShouldBe("The order names no buyer.");
        (await market.PendingAsync("CS-N4")).Single().LastError.ShouldBe("No instance was requested for it.");
    }

    [Fact]
    public async Task An_order_that_cannot_be_stored_holds_up_none_of_the_others()
    {
        const string conflicting = "MOCKPERIODYEARNEW";
        // Somebody else has the instance ID that the pulled order would be given.
        await market.NewInstanceAsync("CS-N5", Ids.DeterministicGuid("missed-instance", conflicting, conflicting + "-000001").ToString());
        string[] orders;
        await using (await market.FaultAsync(new { down = true }))
        {
            orders = [(await market.PlaceOrderAsync()).OrderId, (await market.PlaceOrderAsync()).OrderId];
            await market.NewInstanceAsync(orders[0], orders[0] + "-business");
            await market.BillingCenter.SendAsync(new PullOrder(conflicting, null));
            await market.NewInstanceAsync(orders[1], orders[1] + "-business");
            foreach (var order in (string[])[.. orders, conflicting])
            {
                await Eventually.Until(() => market.PendingAsync(order), pending => pending is [{ Attempts: > 0 }]);
            }
        }

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromMinutes(10));

        (await StateAsync(orders[0])).ShouldBe(CloudSubscriptionState.Active);
        (await StateAsync(orders[1])).ShouldBe(CloudSubscriptionState.Active);
        (await market.OfOrderAsync(conflicting)).ShouldBeEmpty();
        var stuck = (await market.PendingAsync(conflicting)).Single();
        stuck.Attempts.ShouldBeGreaterThan(1);
        stuck.LastError.ShouldNotBeNull().ShouldContain("23505");
    }

    [Fact]
    public async Task Several_orders_of_one_subscription_that_are_due_together_are_all_noted()
    {
        string orderId, instanceId;
        await using (await market.FaultAsync(new { down = true }))
        {
            orderId = (await market.PlaceOrderAsync("period")).OrderId;
            instanceId = (await market.NewInstanceAsync(orderId, orderId + "-business")).Text("instanceId");
            foreach (var renewal in new[] { "MOCKMONTYRENEW", "MOCKMONTYCHANGE", orderId })
            {
                await market.CallAsync(new
                {
                    activity = "refreshInstance", instanceId, scene = "RENEWAL", orderId = renewal, orderLineId = renewal + "-000001", expireTime = "20300101000000",
                });
            }
        }

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromMinutes(10));

        var subscription = (await Eventually.Until(
            () => market.OfOrderAsync(orderId), found => found is [{ AccountId: not null } one] && one.Expiries.All(expiry => expiry.OrderPlacedAt is not null))).Single();
        subscription.State.ShouldBe(CloudSubscriptionState.Active);
        subscription.Expiries.Count.ShouldBe(3);
        (await market.PendingAsync(orderId)).ShouldBeEmpty();
    }

    [Fact]
    public void Tries_are_five_seconds_apart_then_twice_as_long_each_time_up_to_ten_minutes()
    {
        var order = PendingOrder.Notified("CS1", null, Fold.T0);
        var pauses = new List<double>();
        for (var attempt = 0; attempt < 9; attempt++)
        {
            order = order.Failed("down", Fold.T0);
            pauses.Add((order.NextAttemptAt - Fold.T0).TotalSeconds);
        }

        pauses.ShouldBe([5, 10, 20, 40, 80, 160, 320, 600, 600]);
        order.Attempts.ShouldBe(9);
        order.LastError.ShouldBe("down");
    }

    [Fact]
    public async Task A_named_order_that_is_never_to_be_had_is_given_up()
    {
        var pending = PendingOrder.Notified("CS-NEVER", null, market.Clock.GetUtcNow().AddDays(9)) with { Attempts = 149 };

        await market.BillingCenter.SendAsync(new NoteOrders([new(pending, null, "not found")]));
        var last = (await market.PendingAsync("CS-NEVER")).Single();
        await market.BillingCenter.SendAsync(new NoteOrders([new(last, null, "not found")]));

        (await market.PendingAsync("CS-NEVER")).ShouldBeEmpty();
    }

    private async Task<PendingOrder> PendingAsync(string orderId)
    {
        await market.NewInstanceAsync(orderId, orderId + "-business");
        return (await Eventually.Until(() => market.PendingAsync(orderId), orders => orders is [{ Attempts: > 0 }])).Single();
    }

    private async Task<CloudSubscriptionState> StateAsync(string orderId) => (await market.OfOrderAsync(orderId)).Single().State;

    private static MarketplaceOrder Order(string orderId) => new(
        orderId, MarketplaceOrderTypes.New, Fold.T0,
        [new MarketplaceOrderLine(orderId + "-000001", "ON_DEMAND", null, null, null, [new OrderProduct("p", "s", 1)], null, null, [])],
        new OrderBuyer { CustomerId = "note-orders", CustomerName = "Buyer", Email = "buyer@example.com" },
        []);
}
