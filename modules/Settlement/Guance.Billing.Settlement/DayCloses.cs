using Guance.Billing.Platform.Data;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Features;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Settlement;

/// <summary>
/// Drives days to their end, command by command, each a transaction of its own: stopped anywhere, and run by several at once, the outcome is that of one
/// undisturbed run. While others keep the database busy it takes small steps and rests as long after each, see <see cref="Traffic"/>.
/// </summary>
internal sealed class DayCloses(IServiceScopeFactory scopes, BillingDays days, Traffic traffic, TimeProvider clock)
{
    /// <summary>Closes all days up to one; answers whether it got there within the time.</summary>
    public async Task<bool> RunAsync(DateOnly through, TimeSpan? limit, CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        // Seen at every tick, so that a close that begins knows of the time before it.
        await traffic.IsBusyAsync(ct);
        // A scope of its own: these commands are not the caller's, whose Idempotency-Key would give them old answers.
        await using var scope = scopes.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        while (await mediator.Send(new MakeUpParkedDay(), ct))
        {
        }

        while (await mediator.Send(new OpenNextDay(through), ct) is { } open)
        {
            var lanes = await Task.WhenAll(Enumerable.Range(1, open.Lanes).Select(lane => SendAllAsync(
                mediator => traffic.GiveWayAsync(givesWay => mediator.Send(new CloseDayBatch(open.Day, lane, givesWay), ct), ct), start, limit, ct)));
            if (!lanes.All(isDone => isDone))
            {
                return false;
            }

            await mediator.Send(new FinishRating(open.Day), ct);
            if (!await SendAllAsync(mediator => mediator.Send(new StateCloudCharges(open.Day, days.End(open.Day)), ct), start, limit, ct))
            {
                return false;
            }

            await mediator.Send(new SealJournal(open.Day), ct);
            await mediator.Send(new RunChecks(open.Day, open.Day, WholeJournal: false), ct);
            await mediator.Send(new CompleteDay(open.Day), ct);
        }

        return true;
    }

    /// <summary>Sends until nothing is left; answers whether it got there within the time.</summary>
    private async Task<bool> SendAllAsync(Func<IMediator, Task<bool>> sendNext, long start, TimeSpan? limit, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var mediator = scope.ServiceProvider.GetRequiredService<IMediator>();
        while (await sendNext(mediator))
        {
            if (clock.GetElapsedTime(start) > limit)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The last day that was wanted closed on this node, whether its sites have told all of it or not.</summary>
internal sealed class WantedDays
{
    private int wanted;

    public DateOnly Last => DateOnly.FromDayNumber(Volatile.Read(ref wanted));

    public void Want(DateOnly day) => Volatile.Write(ref wanted, Math.Max(day.DayNumber, Volatile.Read(ref wanted)));
}
