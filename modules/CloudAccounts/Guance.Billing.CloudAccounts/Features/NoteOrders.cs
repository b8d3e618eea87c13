using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using JasperFx.Events;
using Marten;
using MediatR;
using Microsoft.Extensions.Logging;
using OrderFacts = Guance.Billing.CloudAccounts.Domain.OrderFacts;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>What the market said of a pending order.</summary>
/// <param name="Order">The order; null when it was not to be had.</param>
/// <param name="Error">Why not.</param>
internal sealed record FetchedOrder(PendingOrder Pending, MarketplaceOrder? Order, string? Error);

/// <summary>
/// Note what orders say, for a whole batch in which no two are about the same subscription or order. Noted again, it changes nothing.
/// An order that says nothing of use is tried again later and holds up none of the others.
/// </summary>
internal sealed record NoteOrders(IReadOnlyList<FetchedOrder> Orders) : ICommand;

internal sealed class NoteOrdersHandler(IDocumentSession session, TimeProvider clock, ILogger<NoteOrdersHandler> log) : ICommandHandler<NoteOrders>
{
    /// <summary>An order that was named by hand or by a notice and is not to be had for about a day is none: nobody waits for it.</summary>
    private const int NotifiedAttemptsMax = 150;

    public async Task<Unit> Handle(NoteOrders request, CancellationToken cancellationToken)
    {
        // One round trip for all the streams.
        var reading = session.CreateBatchQuery();
        var streams = request.Orders.Where(fetched => fetched.Order is not null && fetched.Pending.SubscriptionId is not null)
            .ToDictionary(fetched => fetched.Pending.Id, fetched => reading.Events.FetchForWriting<CloudSubscription>(fetched.Pending.SubscriptionId!), StringComparer.Ordinal);
        await reading.Execute(cancellationToken);

        foreach (var (pending, order, error) in request.Orders)
        {
            var reason = (order, streams.GetValueOrDefault(pending.Id)) switch
            {
                (null, _) => error,
                (_, null) => await NoteNotifiedAsync(pending, order, cancellationToken),
                (_, { } stream) => Note(pending, order, await stream),
            };
            if (reason is null)
            {
                session.Delete<PendingOrder>(pending.Id);
                continue;
            }

            log.LogWarning("Order {OrderId} could not be noted: {Reason}", pending.OrderId, reason);
            if (pending is { Purpose: OrderPurpose.Notified, Attempts: >= NotifiedAttemptsMax })
            {
                log.LogError("Order {OrderId} is given up", pending.OrderId);
                session.Delete<PendingOrder>(pending.Id);
            }
            else
            {
                session.Store(pending.Failed(reason, clock.GetUtcNow()));
            }
        }

        return Unit.Value;
    }

    /// <summary>Notes the order; a sentence when it does not fit.</summary>
    private string? Note(PendingOrder pending, MarketplaceOrder order, IEventStream<CloudSubscription> stream)
    {
        if (stream.Aggregate is not { } subscription)
        {
            return "No instance was requested for it.";
        }

        if (pending.Purpose is OrderPurpose.Expiry)
        {
            stream.AppendMany(CloudSubscriptionDecider.DateExpiry(subscription, pending.OrderId, pending.OrderLineId, order.CreatedAt));
            return null;
        }

        var line = order.Lines.FirstOrDefault(line => pending.OrderLineId is null || line.OrderLineId == pending.OrderLineId || IsOf(line, pending.OrderLineId));
        if (line is null || FactsOf(order, line) is not { } facts)
        {
            return line is null ? "The order has no such line." : "The order names no buyer.";
        }

        stream.AppendMany(CloudSubscriptionDecider.Identify(subscription, facts, clock.GetUtcNow()));
        session.Store(Buyer(subscription.Id, order));
        return null;
    }

    /// <summary>An order that was named without its newInstance: each line that makes an instance makes it now, unless it did.</summary>
    private async Task<string?> NoteNotifiedAsync(PendingOrder pending, MarketplaceOrder order, CancellationToken ct)
    {
        if (order.OrderType is not (MarketplaceOrderTypes.New or MarketplaceOrderTypes.Trial))
        {
            return null;
        }

        var lines = order.Lines.Where(line => pending.OrderLineId is null || line.OrderLineId == pending.OrderLineId).ToArray();
        foreach (var line in lines)
        {
            var id = SubscriptionKey.Of(CloudProvider.HuaweiCloud, order.OrderId, line.OrderLineId);
            var ids = line.Products.Select(product => SubscriptionKey.Of(CloudProvider.HuaweiCloud, order.OrderId, product.ProductId)).Prepend(id);
            if ((await session.LoadManyAsync<CloudSubscription>(ct, ids.Select(key => key.Value))).Count > 0)
            {
                continue;
            }

            // A newInstance that comes yet is answered with this instance ID.
            var instanceId = Ids.DeterministicGuid("missed-instance", order.OrderId, line.OrderLineId).ToString();
            var requested = new SubscriptionRequested(CloudProvider.HuaweiCloud, order.OrderId, line.OrderLineId, instanceId, order.CreatedAt);
            if (FactsOf(order, line) is { } facts)
            {
                session.Events.StartStream<CloudSubscription>(
                    id.Value, [requested, .. CloudSubscriptionDecider.Identify(CloudSubscription.Create(requested), facts, clock.GetUtcNow())]);
                session.Store(Buyer(id.Value, order));
            }
            else
            {
                session.Events.StartStream<CloudSubscription>(id.Value, requested);
                session.Store(PendingOrder.For(id, order.OrderId, line.OrderLineId, OrderPurpose.Purchase, clock.GetUtcNow()));
            }
        }

        return lines.Length == 0 ? "The order has no such line." : null;
    }

    /// <summary>What was bought and by whom; null when the order does not say by whom.</summary>
    private OrderFacts? FactsOf(MarketplaceOrder order, MarketplaceOrderLine line)
    {
        if (order.Buyer?.CustomerId is not { Length: > 0 } accountId)
        {
            return null;
        }

        if (line.Products.Select(product => product.ProductId).Distinct().Count() > 1)
        {
            // Pay-per-use makes one instance a product (protocol §4.2); a line of several could not be told apart.
            log.LogError("Line {OrderLineId} holds several products; the first is taken", line.OrderLineId);
        }

        var product = line.Products.Count > 0 ? line.Products[0] : null;
        return new OrderFacts(accountId, line.ChargingMode, product?.ProductId, product?.SkuCode, line.ExpiresAt, order.CreatedAt);
    }

    /// <summary>The old protocol knows a line by its product.</summary>
    private static bool IsOf(MarketplaceOrderLine line, string? productId) => line.Products.Any(product => product.ProductId == productId);

    private static BuyerContact Buyer(string subscriptionId, MarketplaceOrder order) => new(subscriptionId, order.Buyer?.CustomerName, order.Buyer?.Email);
}
