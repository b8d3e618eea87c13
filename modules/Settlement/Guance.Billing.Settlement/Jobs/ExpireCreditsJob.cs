using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Features;
using MediatR;

namespace Guance.Billing.Settlement.Jobs;

/// <summary>Voids vouchers and prepaid cards that have expired.</summary>
internal sealed class ExpireCreditsJob(IMediator mediator) : ITickJob
{
    public const string Id = "settlement:expire-credits";

    public async Task RunAsync(CancellationToken ct)
    {
        while (await mediator.Send(new ExpireCredits(), ct))
        {
        }
    }
}
