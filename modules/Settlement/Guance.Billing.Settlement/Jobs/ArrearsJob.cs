using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Features;
using MediatR;

namespace Guance.Billing.Settlement.Jobs;

/// <summary>Drives the clock of arrears: mails, reminders, locks.</summary>
internal sealed class ArrearsJob(IMediator mediator) : ITickJob
{
    public const string Id = "settlement:arrears";

    public async Task RunAsync(CancellationToken ct)
    {
        while (await mediator.Send(new ContinueArrears(), ct))
        {
        }
    }
}
