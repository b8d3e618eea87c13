using Guance.Billing.Platform.Jobs;
using Guance.Billing.Workspaces.Features;
using MediatR;

namespace Guance.Billing.Workspaces.Jobs;

/// <summary>
/// Tells the Billing Center what usage has changed, until all is told. Poked by every ingest, so it rests a little after it had something to
/// tell: the busier the site is, the more of a total's changes go in one telling.
/// </summary>
internal sealed class TellUsageJob(IMediator mediator, TimeProvider clock) : ITickJob
{
    public const string Id = "workspaces:tell-usage";

    private static readonly TimeSpan RestMin = TimeSpan.FromMilliseconds(250);

    /// <summary>Telling takes a fifth of a busy time at most.</summary>
    private const int RestShare = 4;

    public async Task RunAsync(CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        UsageTold told;
        var isAnything = false;
        do
        {
            told = await mediator.Send(new TellUsage(), ct);
            isAnything |= told.IsAnything;
        }
        while (told.IsMore);

        if (isAnything)
        {
            var rest = clock.GetElapsedTime(start) * RestShare;
            await Task.Delay(rest > RestMin ? rest : RestMin, clock, ct);
        }
    }
}
