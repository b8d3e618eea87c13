using JasperFx.Events;

namespace Guance.Billing.Platform.Events;

/// <summary>
/// Says which of a module's domain events others hear of, and in which words (the module's <c>Publishing</c>). A pure function: the
/// module's own event log is the outbox, so the same event always gives the same integration event.
/// </summary>
public interface IIntegrationEventMapper
{
    /// <summary>What others hear of the event; null if they hear nothing.</summary>
    IIntegrationEvent? Map(IEvent e);
}

/// <summary>
/// Whenever something happens elsewhere, do something here (the module's <c>Policies</c>): sends commands of the own module, holds no
/// rules. Is given all consecutive events of its kind of a page at once, in order, so that it can send one command for all. The same
/// events can come again: what it sends must change nothing the second time.
/// </summary>
/// <typeparam name="TEvent">An integration event, or an interface that several share.</typeparam>
public interface IPolicy<in TEvent>
    where TEvent : IIntegrationEvent
{
    /// <summary>Reacts to the events, oldest first; never empty.</summary>
    Task When(IReadOnlyList<TEvent> events, CancellationToken ct);
}
