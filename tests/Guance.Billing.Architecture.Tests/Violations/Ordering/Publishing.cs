using Guance.Billing.Platform.Events;
using JasperFx.Events;
using Violations.Ordering.Contracts;
using Violations.Ordering.Domain;

namespace Violations.Ordering.Publishing;

internal sealed class OrderingPublisher : IIntegrationEventMapper
{
    public IIntegrationEvent? Map(IEvent e) => e.Data switch
    {
        OrderPlaced => new OrderPlacedIntegrationEvent(e.Id, e.Version, e.Timestamp),
        OrderLostIntegrationEvent => null,
        _ => null,
    };
}
