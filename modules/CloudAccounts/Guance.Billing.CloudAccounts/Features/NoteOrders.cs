using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using Marten;
using MediatR;
using Microsoft.Extensions.Logging;
using OrderFacts = Guance.Billing.CloudAccounts.Domain.OrderFacts;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>What the market said of a pending order.</summary>
/// <param name="Order">The order; null when it was not to be had.</param>
/// <param name="Error">Why not.</param>
/// <param name="MayRetry">Whether asking again soon may help.</param>
internal sealed record FetchedOrder(PendingOrder Pending, MarketplaceOrder? Order, string? Error, bool MayRetry);

/// <summary>Note what orders say, for a whole batch. Noted again, it changes nothing.</summary>
internal sealed record NoteOrders(IReadOnlyList<FetchedOrder> Orders) : ICommand;

internal sealed class NoteOrdersHandler(IDocumentSession session, TimeProvider clock, ILogger<NoteOrdersHandler> log) : ICommandHandler<NoteOrders>
{
    public async Task<Unit> Handle(NoteOrders request, CancellationToken cancellationToken)
    {
        foreach (var fetched in request.Orders)
        {
            var noted = fetched.Order is null ? fetched.Error : await NoteAsync(fetched.Pending, fetched.Order, cancellationToken);
            if (noted is null)
            {
                session.Delete<PendingOrder>(fetched.Pending.Id);
                continue;
            }

            log.LogWarning("Order {OrderId} could not be noted: {Reason}", fetched.Pending.OrderId, noted);
            session.Store(fetched.Pending.Failed(noted, fetched.MayRetry, clock.GetUtcNow()));
        }

        return Unit.Value;
    }

    /// <summary>Notes the order; a sentence when it does not fit.</summary>
    private async Task<string?> NoteAsync(PendingOrder pending, MarketplaceOrder order, CancellationToken ct)
    {
        if (pending.Purpose is OrderPurpose.Notified)
        {
            return await NoteNotifiedAsync(order, ct);
        }

        var stream = await session.Events.FetchForWriting<CloudSubscription>(pending.SubscriptionId!, ct);
        if (stream.Aggregate is not { } subscription)
        {
            return "No instance was requested for it.";
        }

        if (pending.Purpose is OrderPurpose.Expiry)
        {
            stream.AppendMany(CloudSubscriptionDecider.DateExpiry(subscription, pending.OrderId, pending.OrderLineId, order.CreatedAt));
            return null;
        }

        var line = order.Lines.FirstOrDefault(line => pending.OrderLineId is null || line.OrderLineId == pending.OrderLineId);
        if (line is null || order.Buyer?.CustomerId is not { Length: > 0 } accountId)
        {
            return line is null ? "The order has no such line." : "The order names no buyer.";
        }

        if (line.Products.Select(product => product.ProductId).Distinct().Count() > 1)
        {
            // Pay-per-use makes one instance a product (protocol §4.2); a line of several could not be told apart.
            log.LogError("Line {OrderLineId} holds several products; the first is taken", line.OrderLineId);
        }

        var product = line.Products.Count > 0 ? line.Products[0] : null;
        stream.AppendMany(CloudSubscriptionDecider.Identify(
            subscription,
            new OrderFacts(accountId, line.ChargingMode, product?.ProductId, product?.SkuCode, line.ExpiresAt, order.CreatedAt),
            clock.GetUtcNow()));
        session.Store(new BuyerContact(subscription.Id, order.Buyer.CustomerName, order.Buyer.Email));
        return null;
    }

    /// <summary>An order that was named without its newInstance: each line that makes an instance is requested now, unless it was.</summary>
    private async Task<string?> NoteNotifiedAsync(MarketplaceOrder order, CancellationToken ct)
    {
        if (order.OrderType is not (MarketplaceOrderTypes.New or MarketplaceOrderTypes.Trial))
        {
            return null;
        }

        foreach (var line in order.Lines)
        {
            var id = SubscriptionKey.Of(CloudProvider.HuaweiCloud, order.OrderId, line.OrderLineId);
            if (await session.LoadAsync<CloudSubscription>(id.Value, ct) is null)
            {
                // A newInstance that comes yet is answered with this instance ID.
                var instanceId = Ids.DeterministicGuid("missed-instance", order.OrderId, line.OrderLineId).ToString();
                session.Events.StartStream<CloudSubscription>(
                    id.Value, new SubscriptionRequested(CloudProvider.HuaweiCloud, order.OrderId, line.OrderLineId, instanceId, order.CreatedAt));
                session.Store(PendingOrder.For(id, order.OrderId, line.OrderLineId, OrderPurpose.Purchase, clock.GetUtcNow()));
            }
        }

        return null;
    }
}
