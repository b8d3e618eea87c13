using JasperFx.Events;

namespace Guance.Billing.Platform.Events;

/// <summary>
/// Says which of a module's domain events others hear of, and in which words (the module's <c>Publishing</c>). Pure functions: the
/// module's own event log is the outbox, so the same event always gives the same integration event.
/// </summary>
public interface IIntegrationEventMapper
{
    /// <summary>What is told, by kind of domain event, each of which is told in one way. Those who read the log to tell or to hear are given no other events.</summary>
    IReadOnlyList<Telling> Tellings { get; }

    /// <summary>What others hear of the event; null if they hear nothing.</summary>
    IIntegrationEvent? Map(IEvent e) => Tellings.FirstOrDefault(telling => telling.Event == e.EventType)?.Words(e);
}

/// <summary>How a kind of domain event is told.</summary>
/// <param name="Event">The kind of domain event.</param>
/// <param name="Told">The kind of integration event.</param>
/// <param name="Words">Gives the one of the other.</param>
public sealed record Telling(Type Event, Type Told, Func<IEvent, IIntegrationEvent> Words)
{
    /// <summary>Of an event, with what is known of it and what it says.</summary>
    public static Telling Of<TEvent, TTold>(Func<IEvent, TEvent, TTold> words)
        where TEvent : notnull
        where TTold : IIntegrationEvent => new(typeof(TEvent), typeof(TTold), e => words(e, (TEvent)e.Data));
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
