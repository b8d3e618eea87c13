using JasperFx.Events;
using Marten;
using Marten.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Events;

/// <summary>Adds readers of this deployment's log.</summary>
public static class LogReaders
{
    /// <summary>Each page costs its reader a transaction, and each of a feed's its peer another: half as many as with Marten's 500 while much is told.</summary>
    private const int PageMax = 1000;

    /// <summary>
    /// Adds a reader of what modules tell: PostgreSQL gives it no other events than those told as a kind that it can use, in order and at least once. Adds none
    /// where no module tells of such a kind.
    /// </summary>
    /// <param name="options">The store whose log is read.</param>
    /// <param name="services">Where the modules' publishers are.</param>
    /// <param name="name">Under which Marten keeps the reader's position, for ever.</param>
    /// <param name="uses">Whether the reader can use a kind of integration event.</param>
    /// <param name="reader">Makes the reader, given what says in which words an event of its pages is told.</param>
    public static void AddReader(
        this StoreOptions options, IServiceProvider services, string name, Func<Type, bool> uses, Func<Func<IEvent, IIntegrationEvent>, ISubscription> reader)
    {
        var words = services.GetServices<IIntegrationEventMapper>().SelectMany(mapper => mapper.Tellings).Where(telling => uses(telling.Told))
            .ToDictionary(telling => telling.Event, telling => telling.Words);
        if (words.Count == 0)
        {
            return;
        }

        options.Events.Subscribe(
            reader(e => words[e.EventType](e)),
            subscription =>
            {
                subscription.Name = name;
                subscription.Options.BatchSize = PageMax;
                foreach (var kind in words.Keys)
                {
                    subscription.IncludeType(kind);
                }
            });
    }
}
