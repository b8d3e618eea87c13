using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.CloudAccounts.Tests.Domain;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>What other modules are told when they ask.</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class QuerySpecs(MarketFixture market)
{
    private static readonly CloudProvider Huawei = CloudProvider.HuaweiCloud;
    private static readonly CloudProvider Another = CloudProvider.Of("another-cloud");

    [Fact]
    public async Task Of_an_accounts_open_subscriptions_the_newest_order_is_offered()
    {
        const string account = "queries-newest";
        await RequestAsync(Huawei, account, "CS-Q1", hoursLater: 5); // requested last, ordered first
        await RequestAsync(Huawei, account, "CS-Q2", hoursLater: 2, placedHoursLater: 1);

        (await FindOpenAsync(Huawei, account)).ShouldNotBeNull().InstanceId.ShouldBe("CS-Q2-instance");
        (await ListAsync(Huawei, account)).Select(found => found.InstanceId).ShouldBe(["CS-Q1-instance", "CS-Q2-instance"]);
    }

    [Fact]
    public async Task Another_provider_with_the_same_account_id_order_and_instance_id_is_another_purchase()
    {
        const string account = "queries-providers";
        await RequestAsync(Huawei, account, "CS-Q3", hoursLater: 0);
        await RequestAsync(Another, account, "CS-Q3", hoursLater: 1);

        foreach (var provider in new[] { Huawei, Another })
        {
            (await FindOpenAsync(provider, account)).ShouldNotBeNull().Provider.ShouldBe(provider);
            (await GetAsync(provider, "CS-Q3-instance")).ShouldNotBeNull().Provider.ShouldBe(provider);
            (await ListAsync(provider, account)).Single().Provider.ShouldBe(provider);
        }
    }

    [Fact]
    public async Task A_call_of_huawei_touches_no_instance_of_another_provider()
    {
        await RequestAsync(Another, "queries-foreign", "CS-Q4", hoursLater: 0);

        (await market.CallAsync(new { activity = "releaseInstance", instanceId = "CS-Q4-instance" })).Code().ShouldBe("000003");
        (await market.CallAsync(new { activity = "queryInstance", instanceId = "CS-Q4-instance" })).Code().ShouldBe("000003");
        (await GetAsync(Another, "CS-Q4-instance")).ShouldNotBeNull().State.ShouldBe(CloudSubscriptionState.Active);
    }

    [Fact]
    public async Task What_is_not_there_is_null_or_nothing()
    {
        (await FindOpenAsync(Huawei, "nobody")).ShouldBeNull();
        (await GetAsync(Huawei, "nothing")).ShouldBeNull();
        (await ListAsync(Huawei, "nobody")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_names_the_buyers_and_the_closed_ones_too()
    {
        var (instanceId, account) = await market.BuyAsync();
        await market.ChangeAsync(instanceId, "close");
        await market.BuyAsync(customerId: account);

        var list = await ListAsync(Huawei, account);

        list.Select(found => found.State).ShouldBe([CloudSubscriptionState.Active, CloudSubscriptionState.Closed]);
        list.ShouldAllBe(found => found.BuyerEmail != null && found.BuyerName != null);
    }

    private Task<RequestedSubscription> RequestAsync(CloudProvider provider, string account, string orderId, int hoursLater, int placedHoursLater = 0) =>
        market.BillingCenter.SendAsync(new RequestSubscription(
            provider, orderId, orderId + "-000001", null, orderId + "-instance", Fold.T0.AddHours(hoursLater),
            Fold.PayPerUse with { AccountId = account, PlacedAt = Fold.T0.AddHours(placedHoursLater) }, "Buyer", "buyer@example.com"));

    private Task<CloudSubscriptionFacts?> FindOpenAsync(CloudProvider provider, string account) =>
        market.BillingCenter.SendAsync(new FindOpenCloudSubscription(provider, account));

    private Task<CloudSubscriptionFacts?> GetAsync(CloudProvider provider, string instanceId) =>
        market.BillingCenter.SendAsync(new GetCloudSubscription(provider, instanceId));

    private Task<IReadOnlyList<CloudSubscriptionFacts>> ListAsync(CloudProvider provider, string account) =>
        market.BillingCenter.SendAsync(new ListCloudSubscriptions(provider, account));
}
