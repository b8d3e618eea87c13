using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Features;
using MediatR;

namespace Guance.Billing.Workspaces.Policies;

/// <summary>Whenever the Billing Center decides something about workspaces of this site, note it: one command for the whole page.</summary>
internal sealed class NoteWhatTheBillingCenterDecided(IMediator mediator) : IPolicy<IWorkspaceSettlementFact>
{
    public Task When(IReadOnlyList<IWorkspaceSettlementFact> events, CancellationToken ct) => mediator.Send(new NoteSettlementFacts(events), ct);
}
