using Guance.Billing.Platform.Telemetry;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Events;

/// <summary>
/// One module's inbox: reads of this deployment's log, in order, what the module's policies react to, and hands it to them. Its position is
/// kept by Marten and moves on only after the policies have done their work, so events come at least once. A policy that throws holds
/// back this inbox alone, which tries again from the same position.
/// </summary>
internal sealed class Inbox(string module, PolicyTable policies, Func<IEvent, IIntegrationEvent> tell, IServiceScopeFactory scopes) : SubscriptionBase
{
    public string Module { get; } = module;

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        if (page.Events.Count > 0)
        {
            await using var scope = scopes.CreateAsyncScope();
            using var span = Tracing.Continue($"inbox {Module}", page.Events.Select(Tracing.TraceparentOf));
            try
            {
                await policies.DeliverAsync(scope.ServiceProvider, [.. page.Events.Select(tell)], cancellationToken);
            }
            catch (OperationCanceledException cancelled) when (!cancellationToken.IsCancellationRequested)
            {
                // Marten takes a cancellation for the end of its own work: it would neither try the page again nor say anything, until another event came.
                throw new InvalidOperationException($"{Module}'s policies were cancelled, though nobody stops its inbox.", cancelled);
            }
        }

        return NullChangeListener.Instance;
    }
}
