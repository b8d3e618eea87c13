using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Tests.Domain;
using Guance.Billing.CloudAccounts.Tests.Features;
using Guance.Billing.Platform.Events;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.CloudAccounts.Tests.Publishing;

/// <summary>What others hear of a subscription's events, from the store's own events to the mapper that the deployment uses.</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class CloudAccountsPublisherSpecs(MarketFixture market)
{
    [Fact]
    public async Task Each_step_of_a_subscription_is_told_as_promised()
    {
        var (instanceId, account) = await market.BuyAsync();
        await market.ChangeAsync(instanceId, "freeze");
        await market.ChangeAsync(instanceId, "unfreeze");
        await market.ChangeAsync(instanceId, "close");
        var subscription = await market.FindAsync(instanceId, CloudSubscriptionState.Closed);

        var events = await StreamAsync(subscription.Id.Value);
        var told = await ToldAsync(subscription.Id.Value);

        events.Select(e => e.EventTypeName).ShouldBe(
        [
            "cloud_accounts.subscription_requested", "cloud_accounts.subscription_activated", "cloud_accounts.subscription_frozen",
            "cloud_accounts.subscription_unfrozen", "cloud_accounts.subscription_closed",
        ]);
        var instance = new CloudInstanceKey(CloudProvider.HuaweiCloud, instanceId);
        var (frozen, unfrozen) = ((SubscriptionFrozen)events[2].Data, (SubscriptionUnfrozen)events[3].Data);
        told.ShouldBe(
        [
            new CloudSubscriptionActivatedIntegrationEvent(events[1].Id, 2, subscription.ActivatedAt!.Value, subscription.Id, instance, account),
            new CloudSubscriptionFrozenIntegrationEvent(events[2].Id, 3, frozen.At, subscription.Id, instance),
            new CloudSubscriptionUnfrozenIntegrationEvent(events[3].Id, 4, unfrozen.At, subscription.Id, instance),
            new CloudSubscriptionClosedIntegrationEvent(events[4].Id, 5, subscription.ClosedAt!.Value, subscription.Id, instance, account),
        ]);
        (await ToldAsync(subscription.Id.Value)).ShouldBe(told);
    }

    [Fact]
    public async Task What_nobody_needs_is_not_told()
    {
        await using var down = await market.FaultAsync(new { down = true });
        var instanceId = (await market.NewInstanceAsync("CS-P1", "publisher-1")).Text("instanceId");
        await market.CallAsync(new { activity = "upgradeInstance", instanceId, orderId = "CS-P2", orderLineId = "CS-P2-000001" });
        await market.CallAsync(new { activity = "refreshInstance", instanceId, scene = "RENEWAL", orderId = "CS-P3", orderLineId = "CS-P3-000001", expireTime = "20300101000000" });
        await market.CallAsync(new { activity = "releaseInstance", instanceId });
        var id = (await market.OfOrderAsync("CS-P1")).Single().Id;

        (await StreamAsync(id)).Count.ShouldBe(4);
        (await ToldAsync(id)).Single().ShouldBeOfType<CloudSubscriptionClosedIntegrationEvent>().AccountId.ShouldBeNull();
    }

    [Fact]
    public async Task Every_integration_event_of_the_contracts_is_told_by_some_event()
    {
        var id = SubscriptionKey.Of(CloudProvider.HuaweiCloud, "CS-P9", "CS-P9-000001").Value;
        await using (var session = market.BillingCenter.Services.GetRequiredService<IDocumentStore>().LightweightSession())
        {
            session.Events.StartStream<CloudSubscription>(
                id, Fold.Requested with { OrderId = "CS-P9", OrderLineId = "CS-P9-000001", InstanceId = "publisher-9" }, Fold.Activated,
                new SubscriptionFrozen(Fold.Instance, Fold.T0), new SubscriptionUnfrozen(Fold.Instance, Fold.T0), Fold.Closed);
            await session.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var promised = typeof(CloudSubscriptionFacts).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IIntegrationEvent)));
        (await ToldAsync(id)).Select(told => told.GetType()).ShouldBe(promised, ignoreOrder: true);
    }

    private async Task<IReadOnlyList<JasperFx.Events.IEvent>> StreamAsync(string id)
    {
        await using var session = market.BillingCenter.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await session.Events.FetchStreamAsync(id, token: TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<IIntegrationEvent>> ToldAsync(string id)
    {
        var mapper = market.BillingCenter.Services.GetServices<IIntegrationEventMapper>().Single();
        return [.. (await StreamAsync(id)).Select(mapper.Map).OfType<IIntegrationEvent>()];
    }
}
