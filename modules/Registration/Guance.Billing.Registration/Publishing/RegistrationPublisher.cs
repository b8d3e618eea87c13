using Guance.Billing.Platform.Events;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using JasperFx.Events;

namespace Guance.Billing.Registration.Publishing;

/// <summary>Others hear of a registration when it is activated.</summary>
internal sealed class RegistrationPublisher : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } =
    [
        Telling.Of((IEvent e, RegistrationActivated activated) => new RegistrationActivatedIntegrationEvent(
            e.Id,
            e.Version,
            activated.At,
            RegistrationId.Of(e.StreamKey!),
            activated.Workspace.WorkspaceId,
            activated.Workspace.OwnerUserId,
            activated.Workspace.Name,
            activated.Workspace.Language,
            activated.BillingAccountId,
            activated.Method,
            activated.CloudAccount)),
    ];
}
