using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using Marten;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>What the market wants of an instance that exists: refreshInstance, updateInstanceStatus, releaseInstance, upgradeInstance.</summary>
/// <remarks>Answered false when no instance with the ID is known. Repeats, and calls that overtook each other, are harmless.</remarks>
/// <param name="SignedAt">The time that the market signed the call with.</param>
internal sealed record TakeMarketplaceCall(CloudProvider Provider, MarketplaceRequest Call, DateTimeOffset SignedAt) : ICommand<bool>;

internal sealed class TakeMarketplaceCallHandler(IDocumentSession session, UnitOfWork work, ITicks ticks, TimeProvider clock)
    : ICommandHandler<TakeMarketplaceCall, bool>
{
    public async Task<bool> Handle(TakeMarketplaceCall request, CancellationToken cancellationToken)
    {
        var (provider, instanceId) = (request.Provider, InstanceOf(request.Call));
        var id = await session.Query<CloudSubscription>()
            .Where(subscription => subscription.InstanceId == instanceId && subscription.ProviderCode == provider.Value)
            .Select(subscription => subscription.Id)
            .FirstOrDefaultAsync(cancellationToken);
        if (id is null)
        {
            return false;
        }

        var stream = await session.Events.FetchForWriting<CloudSubscription>(id, cancellationToken);
        var events = Decide(stream.Aggregate!, request);
        stream.AppendMany(events);
        if (events.OfType<ExpirySet>().FirstOrDefault() is { } expiry)
        {
            session.Store(PendingOrder.For(CloudSubscriptionId.Of(id), expiry.OrderId, expiry.OrderLineId, OrderPurpose.Expiry, clock.GetUtcNow()));
            work.AfterCommit(() => ticks.Poke(FetchOrdersJob.Id));
        }

        return true;
    }

    private static string InstanceOf(MarketplaceRequest call) => call switch
    {
        RefreshInstanceRequest refresh => refresh.InstanceId,
        UpdateInstanceStatusRequest status => status.InstanceId,
        ReleaseInstanceRequest release => release.InstanceId,
        UpgradeInstanceRequest upgrade => upgrade.InstanceId,
        _ => throw new ArgumentOutOfRangeException(nameof(call), call.GetType().Name, "Not a call about an instance."),
    };

    private static IReadOnlyList<object> Decide(CloudSubscription subscription, TakeMarketplaceCall taken) => taken.Call switch
    {
        RefreshInstanceRequest refresh => CloudSubscriptionDecider.SetExpiry(
            subscription, refresh.OrderId, refresh.OrderLineId, refresh.Scene.ToString(), refresh.ExpiresAt, taken.SignedAt),
        UpdateInstanceStatusRequest status => CloudSubscriptionDecider.SetStatus(subscription, status.Status is InstanceStatus.Freeze, taken.SignedAt),
        ReleaseInstanceRequest release => CloudSubscriptionDecider.Close(subscription, release.OrderId, taken.SignedAt),
        UpgradeInstanceRequest upgrade => CloudSubscriptionDecider.Upgrade(subscription, upgrade.OrderId, upgrade.OrderLineId, taken.SignedAt),
        _ => [],
    };
}
