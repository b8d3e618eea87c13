using Guance.Billing.Platform.Events;
using Guance.Billing.Registration.Features;
using Guance.Billing.Settlement.Contracts;
using MediatR;

namespace Guance.Billing.Registration.Policies;

/// <summary>Whenever a billing account has its first workspace here, keep a replica of it.</summary>
internal sealed class KeepBillingAccountWhenItJoinsSite(IMediator mediator) : IPolicy<BillingAccountJoinedSiteIntegrationEvent>
{
    public Task When(IReadOnlyList<BillingAccountJoinedSiteIntegrationEvent> events, CancellationToken ct) => mediator.Send(
        new KeepBillingAccounts([.. events.Select(e => new KnownBillingAccount(e.BillingAccountId, e.Username, e.CompanyName, e.SourceVersion, e.OccurredAt))]),
        ct);
}
