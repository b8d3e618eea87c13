using System.Net;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.TestKit;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>A subscription whose callback was missed is found from its order (rules §3; protocol §2.8).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class MissedOrderSpecs(MarketFixture market)
{
    [Fact]
    public async Task An_order_notice_makes_the_missed_instance_and_a_later_newInstance_gets_its_id()
    {
        (await market.CallAsync(new { activity = "orderNotify", orderId = "MOCKONDEMAND", orderLineId = "MOCKONDEMAND-000001" })).Code().ShouldBe("000000");

        var subscription = (await Eventually.Until(() => market.OfOrderAsync("MOCKONDEMAND"), found => found.Count == 1)).Single();
        subscription.State.ShouldBe(CloudSubscriptionState.Active);
        (await market.FindAsync(subscription.InstanceId)).ShouldNotBeNull().BuyerEmail.ShouldBe("mock@example.com");
        var late = await market.NewInstanceAsync("MOCKONDEMAND", "late-business");
        (late.Code(), late.Text("instanceId")).ShouldBe(("000000", subscription.InstanceId));
        (await market.OfOrderAsync("MOCKONDEMAND")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_operators_pulls_of_one_order_in_different_words_that_are_due_together_make_one_instance()
    {
        await using (await market.FaultAsync(new { down = true }))
        {
            foreach (var body in new object[] { new { orderId = "MOCKONETIMENEW" }, new { orderId = "MOCKONETIMENEW", orderLineId = "MOCKONETIMENEW-000001" } })
            {
                using var answer = await market.OperateAsync("/api/operator/cloud-subscriptions/pull", body);
                answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            }

            await Eventually.Until(() => market.PendingAsync("MOCKONETIMENEW"), orders => orders.Count == 2 && orders.All(order => order.Attempts > 0));
        }

        await market.BillingCenter.AdvanceAsync(TimeSpan.FromMinutes(10));

        (await market.PendingAsync("MOCKONETIMENEW")).ShouldBeEmpty();
        (await market.OfOrderAsync("MOCKONETIMENEW")).Single().State.ShouldBe(CloudSubscriptionState.Active);
    }

    [Fact]
    public async Task In_the_old_protocol_too_a_late_newInstance_gets_the_id_of_the_pulled_instance()
    {
        await market.BillingCenter.SendAsync(new PullOrder("MOCKONDEMANDPKG", null));
        var pulled = (await Eventually.Until(() => market.OfOrderAsync("MOCKONDEMANDPKG"), found => found.Count == 1)).Single();

        var late = await market.NewInstanceV1Async("MOCKONDEMANDPKG", MarketFixture.MockProductId, "late-v1-business");

        (late.Code(), late.Text("instanceId")).ShouldBe(("000000", pulled.InstanceId));
        (await market.OfOrderAsync("MOCKONDEMANDPKG")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_pull_of_what_the_old_protocol_made_makes_nothing_more()
    {
        var made = await market.NewInstanceV1Async("MOCKPERIODDAYTRIAL", MarketFixture.MockProductId, "v1-trial");

        await market.BillingCenter.SendAsync(new PullOrder("MOCKPERIODDAYTRIAL", "MOCKPERIODDAYTRIAL-000001"));

        await Eventually.Until(async () => (await market.PendingAsync("MOCKPERIODDAYTRIAL")).Count == 0);
        (await market.OfOrderAsync("MOCKPERIODDAYTRIAL")).Single().InstanceId.ShouldBe(made.Text("instanceId"));
    }

    [Fact]
    public async Task A_pull_of_an_order_that_makes_no_instance_makes_none()
    {
        await market.BillingCenter.SendAsync(new PullOrder("MOCKMONTYRENEW", null));

        await Eventually.Until(async () => (await market.PendingAsync("MOCKMONTYRENEW")).Count == 0);
        (await market.OfOrderAsync("MOCKMONTYRENEW")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pull_without_an_order_number_is_refused()
    {
        using var answer = await market.OperateAsync("/api/operator/cloud-subscriptions/pull", new { orderId = "" });
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("order-id-invalid");
    }
}
