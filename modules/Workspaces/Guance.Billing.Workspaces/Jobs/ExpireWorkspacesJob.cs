using Guance.Billing.Platform.Jobs;
using Guance.Billing.Workspaces.Features;
using MediatR;

namespace Guance.Billing.Workspaces.Jobs;

/// <summary>Records expiries, a batch in each transaction, until none is due.</summary>
internal sealed class ExpireWorkspacesJob(IMediator mediator) : ITickJob
{
    public const string Id = "workspaces:expire";

    public async Task RunAsync(CancellationToken ct)
    {
        while (await mediator.Send(new ExpireWorkspaces(), ct) == ExpireWorkspaces.BatchSize)
        {
        }
    }
}
