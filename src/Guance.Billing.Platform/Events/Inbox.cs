using Guance.Billing.Platform.Telemetry;
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
internal sealed class Inbox(string module, PolicyTable policies, IServiceScopeFactory scopes) : SubscriptionBase
{
    public string Module { get; } = module;

    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var mappers = scope.ServiceProvider.GetServices<IIntegrationEventMapper>().ToArray();
        var heard = page.Events
            .Select(e => (Event: e, Told: mappers.Select(mapper => mapper.Map(e)).FirstOrDefault(told => told is not null)))
            .Where(one => one.Told is not null && policies.ReactsTo(one.Told.GetType()))
            .ToArray();
        if (heard.Length > 0)
        {
            using var span = Tracing.Continue($"inbox {Module}", heard.Select(one => Tracing.TraceparentOf(one.Event)));
            await policies.DeliverAsync(scope.ServiceProvider, [.. heard.Select(one => one.Told!)], cancellationToken);
        }

        return NullChangeListener.Instance;
    }
}
