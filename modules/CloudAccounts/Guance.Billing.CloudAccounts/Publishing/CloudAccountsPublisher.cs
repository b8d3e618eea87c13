using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Platform.Events;
using JasperFx.Events;

namespace Guance.Billing.CloudAccounts.Publishing;

internal sealed class CloudAccountsPublisher : IIntegrationEventMapper
{
    public IReadOnlyList<Telling> Tellings { get; } =
    [
        Telling.Of((IEvent e, SubscriptionActivated activated) => new CloudSubscriptionActivatedIntegrationEvent(e.Id, e.Version, activated.At, IdOf(e), activated.Instance, activated.AccountId)),
        Telling.Of((IEvent e, SubscriptionFrozen frozen) => new CloudSubscriptionFrozenIntegrationEvent(e.Id, e.Version, frozen.At, IdOf(e), frozen.Instance)),
        Telling.Of((IEvent e, SubscriptionUnfrozen unfrozen) => new CloudSubscriptionUnfrozenIntegrationEvent(e.Id, e.Version, unfrozen.At, IdOf(e), unfrozen.Instance)),
        Telling.Of((IEvent e, SubscriptionClosed closed) => new CloudSubscriptionClosedIntegrationEvent(e.Id, e.Version, closed.At, IdOf(e), closed.Instance, closed.AccountId)),
    ];

    private static CloudSubscriptionId IdOf(IEvent e) => CloudSubscriptionId.Of(e.StreamKey!);
}
