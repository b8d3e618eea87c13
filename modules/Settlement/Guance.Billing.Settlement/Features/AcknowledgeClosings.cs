using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;

namespace Guance.Billing.Settlement.Features;

/// <summary>Sites have applied what closings meant for them (rules §5). Again, or of a closing that is not known: nothing changes.</summary>
internal sealed record AcknowledgeClosings(IReadOnlyList<ClosingAcknowledgement> Acknowledgements) : ICommand;

internal sealed record ClosingAcknowledgement(string ClosingId, SiteCode Site, DateTimeOffset At);

internal sealed class AcknowledgeClosingsHandler(IDocumentSession session) : ICommandHandler<AcknowledgeClosings>
{
    public async Task<Unit> Handle(AcknowledgeClosings request, CancellationToken cancellationToken)
    {
        foreach (var closing in request.Acknowledgements.GroupBy(acknowledgement => acknowledgement.ClosingId))
        {
            var stream = await session.Events.FetchForWriting<Closing>(closing.Key, cancellationToken);
            var state = stream.Aggregate;
            foreach (var acknowledgement in closing.DistinctBy(acknowledgement => acknowledgement.Site))
            {
                if (state is null)
                {
                    break;
                }

                var events = ClosingDecider.Acknowledge(state, acknowledgement.Site, acknowledgement.At);
                stream.AppendMany(events);
                state = ClosingDecider.After(state, events);
            }
        }

        return Unit.Value;
    }
}
