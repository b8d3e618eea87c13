using Guance.Billing.Platform.Events;
using JasperFx.Events;
using Violations.Ordering.Contracts;
using Violations.Ordering.Domain;

namespace Violations.Ordering.Publishing;

internal sealed class OrderingPublisher : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } =
    [
        Telling.Of((IEvent e, OrderPlaced _) => new OrderPlacedIntegrationEvent(e.Id, e.Version, e.Timestamp)),
        Telling.Of((IEvent _, OrderPlaced _) => Lost()),
    ];

    // Only mentions the event: nothing here makes one.
    private static OrderLostIntegrationEvent Lost() => throw new NotSupportedException();
}
