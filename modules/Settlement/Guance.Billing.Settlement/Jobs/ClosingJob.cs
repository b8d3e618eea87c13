using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Telemetry;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Features;
using Marten;
using MediatR;

namespace Guance.Billing.Settlement.Jobs;

/// <summary>Drives closings to their end, also those that a crash has cut off.</summary>
internal sealed class ClosingJob(IDocumentStore store, IMediator mediator) : ITickJob
{
    public const string Id = "settlement:closing";
    private const int ClosingsMax = 100;

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var closing in await UnderWayAsync(ct))
        {
            // Whatever node takes it up: it is the market's call that goes on.
            using var span = Tracing.Continue("closing", [await TraceparentAsync(closing, ct)]);
            while (await mediator.Send(new ContinueClosing(closing.Id), ct))
            {
            }
        }
    }

    private async Task<string?> TraceparentAsync(Closing closing, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return (await session.Events.FetchStreamAsync(closing.Id, version: 1, token: ct)).Select(Tracing.TraceparentOf).FirstOrDefault();
    }

    private async Task<IReadOnlyList<Closing>> UnderWayAsync(CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.QueryAsync<Closing>($"where is_under_way order by id limit {ClosingsMax}", ct);
    }
}
