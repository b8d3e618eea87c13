using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using Marten;

namespace Guance.Billing.CloudAccounts.Features;

// What is bought once, a prepaid card, is no subscription: it settles nothing.
internal sealed class FindOpenCloudSubscriptionHandler(IQuerySession session) : IQueryHandler<FindOpenCloudSubscription, CloudSubscriptionFacts?>
{
    public async Task<CloudSubscriptionFacts?> Handle(FindOpenCloudSubscription request, CancellationToken cancellationToken)
    {
        var newest = await session.Query<CloudSubscription>()
            .Where(subscription => subscription.AccountId == request.AccountId && subscription.ProviderCode == request.Provider.Value
                && subscription.ClosedAt == null && !subscription.IsFrozen && subscription.ChargingMode != ChargingModes.OneTime)
            .OrderByDescending(subscription => subscription.OrderPlacedAt).ThenByDescending(subscription => subscription.RequestedAt)
            .FirstOrDefaultAsync(cancellationToken);
        return newest is null ? null : await newest.FactsAsync(session, cancellationToken);
    }
}

internal sealed class GetCloudSubscriptionHandler(IQuerySession session) : IQueryHandler<GetCloudSubscription, CloudSubscriptionFacts?>
{
    public async Task<CloudSubscriptionFacts?> Handle(GetCloudSubscription request, CancellationToken cancellationToken)
    {
        var subscription = await session.Query<CloudSubscription>()
            .Where(subscription => subscription.InstanceId == request.InstanceId && subscription.ProviderCode == request.Provider.Value)
            .FirstOrDefaultAsync(cancellationToken);
        return subscription is null or { ChargingMode: ChargingModes.OneTime } ? null : await subscription.FactsAsync(session, cancellationToken);
    }
}

internal sealed class ListCloudSubscriptionsHandler(IQuerySession session) : IQueryHandler<ListCloudSubscriptions, IReadOnlyList<CloudSubscriptionFacts>>
{
    private const int CountMax = 1000;

    public async Task<IReadOnlyList<CloudSubscriptionFacts>> Handle(ListCloudSubscriptions request, CancellationToken cancellationToken)
    {
        var subscriptions = await session.Query<CloudSubscription>()
            .Where(subscription => subscription.AccountId == request.AccountId && subscription.ProviderCode == request.Provider.Value
                && subscription.ChargingMode != ChargingModes.OneTime)
            .OrderByDescending(subscription => subscription.RequestedAt)
            .Take(CountMax)
            .ToListAsync(cancellationToken);
        var buyers = (await session.LoadManyAsync<BuyerContact>(cancellationToken, subscriptions.Select(subscription => subscription.Id)))
            .ToDictionary(buyer => buyer.Id, StringComparer.Ordinal);
        return [.. subscriptions.Select(subscription => subscription.Facts(buyers.GetValueOrDefault(subscription.Id)))];
    }
}

internal static class CloudSubscriptionFactsOf
{
    public static async Task<CloudSubscriptionFacts> FactsAsync(this CloudSubscription subscription, IQuerySession session, CancellationToken ct) =>
        subscription.Facts(await session.LoadAsync<BuyerContact>(subscription.Id, ct));

    public static CloudSubscriptionFacts Facts(this CloudSubscription subscription, BuyerContact? buyer) => new(
        CloudSubscriptionId.Of(subscription.Id),
        subscription.Provider,
        subscription.InstanceId,
        subscription.AccountId,
        subscription.State,
        subscription.ChargingMode,
        subscription.RequestedAt,
        subscription.ActivatedAt,
        subscription.ExpiresAt,
        subscription.ClosedAt,
        buyer?.Name,
        buyer?.Email);
}
