using Guance.Billing.Platform;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Telemetry;
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
/// Should two writers run for a moment (failover), the second one waits at the progress row, finds it moved, and is rolled back whole;
/// the keys of the table stand behind that.
/// </summary>
internal sealed class FeedWriter(IServiceProvider services, Deployment deployment, FeedSignal signal, TimeProvider clock) : SubscriptionBase
{
    public const string SubscriptionName = "link.feed";

    public override Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var mappers = services.GetServices<IIntegrationEventMapper>().ToArray();
        var messages = new List<NewMessage>();
        foreach (var e in page.Events)
        {
            var told = mappers.Select(mapper => mapper.Map(e)).FirstOrDefault(told => told is not null);
            var message = told switch
            {
                ITellsSite site when deployment.Role is DeploymentRole.BillingCenter => new NewMessage(site.Site.Value, site.Subject, told, Tracing.TraceparentOf(e)),
                ITellsBillingCenter site when deployment.Role is DeploymentRole.Site => new NewMessage(Deployment.BillingCenterName, site.Subject, told, Tracing.TraceparentOf(e)),
                _ => null,
            };
            if (message is not null)
            {
                messages.Add(message);
            }
        }

        if (messages.Count == 0)
        {
            return Task.FromResult<IChangeListener>(NullChangeListener.Instance);
        }

        operations.QueueSqlCommand(FeedMessages.WriteSql, FeedMessages.Columns(messages, clock.GetUtcNow()));
        return Task.FromResult<IChangeListener>(new WakeReaders(signal));
    }

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
        var told = services.GetServices<IIntegrationEventMapper>().SelectMany(mapper => mapper.Tellings).Where(telling => telling.Told.IsAssignableTo(peersHear)).ToArray();
        if (told.Length == 0)
        {
            return;
        }

        options.Events.Subscribe(
            ActivatorUtilities.CreateInstance<FeedWriter>(services),
            subscription =>
            {
                subscription.Name = FeedWriter.SubscriptionName;
                foreach (var telling in told)
                {
                    subscription.IncludeType(telling.Event);
                }
            });
    }
}
