using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Marten;
using OrderFacts = Guance.Billing.CloudAccounts.Domain.OrderFacts;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>
/// newInstance: an instance for an order line, from one append; the order is fetched in the background. A repeat is answered with the
/// first one's instance ID (protocol §2.1, §4.2).
/// </summary>
/// <param name="OrderLineId">Null in the protocol's old version, where the product tells an order's instances apart (protocol §4.2).</param>
/// <param name="BusinessId">Of this call; the first call's becomes the instance ID.</param>
/// <param name="Facts">What the old protocol tells of the order in the call itself.</param>
internal sealed record RequestSubscription(
    CloudProvider Provider,
    string OrderId,
    string? OrderLineId,
    string? ProductId,
    string BusinessId,
    DateTimeOffset SignedAt,
    OrderFacts? Facts,
    string? BuyerName,
    string? BuyerEmail)
    : ICommand<RequestedSubscription>;

/// <param name="IsOpen">What was bought is known already.</param>
internal sealed record RequestedSubscription(string InstanceId, bool IsOpen);

internal sealed class RequestSubscriptionHandler(IDocumentSession session, UnitOfWork work, ITicks ticks, TimeProvider clock)
    : ICommandHandler<RequestSubscription, RequestedSubscription>
{
    public async Task<RequestedSubscription> Handle(RequestSubscription request, CancellationToken cancellationToken)
    {
        var line = request.OrderLineId ?? request.ProductId;
        var id = SubscriptionKey.Of(request.Provider, request.OrderId, line);
        // Nearly every call is the first for its order line, and its stream's start collides if it is not: then it is looked up.
        var known = request.OrderLineId is not null && work.IsFirstAttempt
            ? null
            : await session.LoadAsync<CloudSubscription>(id.Value, cancellationToken) ?? (request.OrderLineId is null ? await FindPulledAsync(request, cancellationToken) : null);
        if (known is not null)
        {
            return new(known.InstanceId, known.State is not CloudSubscriptionState.Requested);
        }

        var requested = new SubscriptionRequested(request.Provider, request.OrderId, line, request.BusinessId, request.SignedAt);
        if (request.Facts is not null)
        {
            var subscription = CloudSubscription.Create(requested);
            session.Events.StartStream<CloudSubscription>(id.Value, [requested, .. CloudSubscriptionDecider.Identify(subscription, request.Facts, clock.GetUtcNow())]);
            session.Store(new BuyerContact(id.Value, request.BuyerName, request.BuyerEmail));
            return new(request.BusinessId, IsOpen: true);
        }

        session.Events.StartStream<CloudSubscription>(id.Value, requested);
        session.Store(PendingOrder.For(id, request.OrderId, line, OrderPurpose.Purchase, clock.GetUtcNow()));
        work.AfterCommit(() => ticks.Poke(FetchOrdersJob.Id));
        return new(request.BusinessId, IsOpen: false);
    }

    /// <summary>An instance that was made from its order, by the order's line, before this call of the old protocol came.</summary>
    private Task<CloudSubscription?> FindPulledAsync(RequestSubscription request, CancellationToken ct) => session.Query<CloudSubscription>()
        .Where(subscription => subscription.OrderId == request.OrderId && subscription.ProductId == request.ProductId && subscription.ProviderCode == request.Provider.Value)
        .FirstOrDefaultAsync(ct);
}
