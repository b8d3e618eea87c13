using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Features;
using MediatR;

namespace Guance.Billing.Workspaces.Policies;

/// <summary>Whenever the Billing Center publishes what may be metered, keep it.</summary>
internal sealed class KeepItemCatalogWhenPublished(IMediator mediator) : IPolicy<ItemCatalogPublishedIntegrationEvent>
{
    public async Task When(IReadOnlyList<ItemCatalogPublishedIntegrationEvent> events, CancellationToken ct)
    {
        var newest = events.MaxBy(e => e.SourceVersion)!;
        await mediator.Send(new KeepItemCatalog(newest.SourceVersion, newest.Items), ct);
    }
}
