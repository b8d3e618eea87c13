using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Features;
using MediatR;

namespace Guance.Billing.Settlement.Policies;

/// <summary>
/// Whenever a workspace's method or lock changed at an instant of a day that is closed already, rate such days again; when it was bound, all closed
/// days that have usage of it, which nobody could be charged before.
/// </summary>
internal sealed class RateAgainWhenThePayerChangedLate(IMediator mediator) : IPolicy<IWorkspaceSettlementFact>
{
    public Task When(IReadOnlyList<IWorkspaceSettlementFact> events, CancellationToken ct) =>
        mediator.Send(new NotePayerChanges([.. events.Select(e => (e.WorkspaceId, e is WorkspaceBoundIntegrationEvent ? DateTimeOffset.MinValue : e.OccurredAt))]), ct);
}
