using Guance.Billing.Platform.Events;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Workspaces.Contracts;
using MediatR;

namespace Guance.Billing.Workspaces.Policies;

/// <summary>Whenever a registration is activated, create its workspace, unless the registration has asked for it already.</summary>
internal sealed class CreateWorkspaceWhenActivated(IMediator mediator) : IPolicy<RegistrationActivatedIntegrationEvent>
{
    public async Task When(IReadOnlyList<RegistrationActivatedIntegrationEvent> events, CancellationToken ct)
    {
        foreach (var e in events)
        {
            await mediator.Send(
                new CreateWorkspace(e.WorkspaceId, e.OwnerUserId, e.Name, e.Language, e.BillingAccountId, e.Method, e.CloudAccount, e.OccurredAt), ct);
        }
    }
}
