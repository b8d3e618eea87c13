using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Platform.Events;
using JasperFx.Events;

namespace Guance.Billing.CloudAccounts.Publishing;

internal sealed class CloudAccountsPublisher : IIntegrationEventMapper
{
    public IIntegrationEvent? Map(IEvent e)
    {
        return e.Data switch
        {
            SubscriptionActivated activated => new CloudSubscriptionActivatedIntegrationEvent(e.Id, e.Version, activated.At, Id(), activated.Instance, activated.AccountId),
            SubscriptionFrozen frozen => new CloudSubscriptionFrozenIntegrationEvent(e.Id, e.Version, frozen.At, Id(), frozen.Instance),
            SubscriptionUnfrozen unfrozen => new CloudSubscriptionUnfrozenIntegrationEvent(e.Id, e.Version, unfrozen.At, Id(), unfrozen.Instance),
            SubscriptionClosed closed => new CloudSubscriptionClosedIntegrationEvent(e.Id, e.Version, closed.At, Id(), closed.Instance, closed.AccountId),
            _ => null,
        };

        CloudSubscriptionId Id() => CloudSubscriptionId.Of(e.StreamKey!);
    }
}
