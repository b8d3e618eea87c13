using Guance.Billing.Platform;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Telemetry;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Services;
using Marten.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Sites.Feed;

/// <summary>
/// The one writer of this deployment's feeds: reads the log in order and gives what a peer must be told its position in that peer's feed.
/// The rows are queued into the batch in which Marten moves the subscription's progress on, so both commit together or not at all.
/// Should two writers run for a moment (failover), the second one waits at the progress row, finds it moved, and is rolled back whole, to start again from there. Marten sees by itself only that
/// a whole page has changed no row, so the rows are made to hang on the progress: else the rows would commit without it, and be in the way of everything that follows.
/// The keys of the table stand behind that.
/// </summary>
internal sealed class FeedWriter(Func<IEvent, IIntegrationEvent> tell, FeedSignal signal, TimeProvider clock) : SubscriptionBase
{
    public const string SubscriptionName = "link.feed";

    public override Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        if (page.Events.Count == 0)
        {
            return Task.FromResult<IChangeListener>(NullChangeListener.Instance);
        }

        var messages = page.Events.Select(Message).ToArray();
        operations.QueueSqlCommand(FeedMessages.WriteWhereReadSql, [.. FeedMessages.Columns(messages), page.ShardName.Identity, page.SequenceCeiling, clock.GetUtcNow()]);
        return Task.FromResult<IChangeListener>(new WakeReaders(signal));
    }

    private NewMessage Message(IEvent e) => tell(e) switch
    {
        ITellsSite told => new(told.Site.Value, told.Subject, told, Tracing.TraceparentOf(e)),
        ITellsBillingCenter told => new(Deployment.BillingCenterName, told.Subject, told, Tracing.TraceparentOf(e)),
        var told => throw new InvalidOperationException($"{told.GetType().Name} tells no peer."),
    };

    private sealed class WakeReaders(FeedSignal signal) : IChangeListener
    {
        public Task AfterCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token)
        {
            signal.Raise();
            return Task.CompletedTask;
        }

        public Task BeforeCommitAsync(IDocumentSession session, IChangeSet commit, CancellationToken token) => Task.CompletedTask;
    }
}

/// <summary>Registers the writer with Marten.</summary>
internal sealed class ConfigureFeedWriter : IConfigureMarten
{
    public void Configure(IServiceProvider services, StoreOptions options)
    {
        // A transaction that is still open may yet commit what belongs before the messages that follow: they wait for it, however long.
        options.Projections.SkipStaleGapsDespiteLiveTransactionsAfter = null;
        var peersHear = services.GetRequiredService<Deployment>().Role is DeploymentRole.BillingCenter ? typeof(ITellsSite) : typeof(ITellsBillingCenter);
        options.AddReader(services, FeedWriter.SubscriptionName, told => told.IsAssignableTo(peersHear), tell => ActivatorUtilities.CreateInstance<FeedWriter>(services, tell));
    }
}
