using Guance.Billing.Platform.Events;
using Violations.Ordering.Contracts;
using Violations.Ordering.Domain;

namespace Violations.Ordering.Policies;

internal sealed class KnowsDomain : IPolicy<OrderPlacedIntegrationEvent>
{
    public Task When(IReadOnlyList<OrderPlacedIntegrationEvent> events, CancellationToken ct) => Task.FromResult(new Order("", events.Count));
}

internal sealed class NoPolicy;

internal sealed class Reacts : IPolicy<IIntegrationEvent>
{
    public Task When(IReadOnlyList<IIntegrationEvent> events, CancellationToken ct) => Task.CompletedTask;
}
