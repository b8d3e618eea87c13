using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.TestKit;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>Prepaid cards bought at the market (rules §8).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class PrepaidCardSpecs(MarketFixture market)
{
    [Fact]
    public async Task An_order_of_cards_is_worth_what_was_ordered_whatever_was_paid()
    {
        var order = await market.PlaceOrderAsync("prepaid-card", quantity: 3, discountPercent: 15);

        var card = (await FindAsync(order.CustomerId, order.OrderId)).ShouldNotBeNull();

        (card.OrderNumber, card.AccountId, card.FaceValue).ShouldBe((order.OrderId, order.CustomerId, new Money(300m, Currency.Cny)));
        (await FindAsync("0123456789abcdef0123456789abcdef", order.OrderId)).ShouldBeNull("it is another account's");
        (await FindAsync(order.CustomerId, "CS0000000000AAAAA")).ShouldBeNull("there is none");
        var usage = await market.PlaceOrderAsync(customerId: order.CustomerId);
        (await FindAsync(usage.CustomerId, usage.OrderId)).ShouldBeNull("it is for something else");
        await using var down = await market.FaultAsync(new { down = true });
        await Should.ThrowAsync<Exception>(() => FindAsync(order.CustomerId, order.OrderId));
    }

    [Fact]
    public async Task A_card_is_no_subscription_that_could_settle_a_workspace()
    {
        var order = await market.PlaceOrderAsync("prepaid-card");
        var instance = (await market.RunningAsync(order.OrderLineId)).Text("instanceId");
        await Eventually.Until(async () => (await market.OfOrderAsync(order.OrderId)).Single().AccountId is not null);

        (await market.FindAsync(instance)).ShouldBeNull();
        (await market.BillingCenter.SendAsync(new FindOpenCloudSubscription(CloudProvider.HuaweiCloud, order.CustomerId))).ShouldBeNull();
        (await market.BillingCenter.SendAsync(new ListCloudSubscriptions(CloudProvider.HuaweiCloud, order.CustomerId))).ShouldBeEmpty();
        (await market.ViolationsAsync(order.OrderLineId)).ShouldBeEmpty();
    }

    private Task<PrepaidCardOrder?> FindAsync(string accountId, string orderNumber) =>
        market.BillingCenter.SendAsync(new FindPrepaidCardOrder(CloudProvider.HuaweiCloud, accountId, orderNumber));
}
