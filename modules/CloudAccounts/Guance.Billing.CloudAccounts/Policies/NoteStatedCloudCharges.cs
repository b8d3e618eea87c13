using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Contracts;
using MediatR;

namespace Guance.Billing.CloudAccounts.Policies;

/// <summary>Whenever Settlement states what subscriptions owe, note it; the job pushes it to the market.</summary>
internal sealed class NoteStatedCloudCharges(IMediator mediator) : IPolicy<CloudChargeStatedIntegrationEvent>
{
    public Task When(IReadOnlyList<CloudChargeStatedIntegrationEvent> events, CancellationToken ct) => mediator.Send(
        new NoteCloudCharges([.. events.Select(e => new StatedCharge(e.Instance, e.SourceVersion, e.Day, e.DayEndsAt, e.Amount.Amount, e.Total.Amount, e.OccurredAt))]),
        ct);
}
