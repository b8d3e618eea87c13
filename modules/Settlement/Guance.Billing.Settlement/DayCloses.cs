using System.Diagnostics;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Features;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

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
                async mediator => await traffic.GiveWayAsync(givesWay => mediator.Send(new CloseDayBatch(open.Day, lane, givesWay), ct), ct), start, limit, ct)));
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

/// <summary>
/// Whether others use the deployment's database, from any node: by the commits of the last seconds. Asked at every tick of the job, so a close that begins
/// knows of the minute before it.
/// </summary>
internal sealed class Traffic(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// Well above what the deployment commits by itself: some forty a second by readers of the log and jobs that look for work, and five by each lane of a
    /// close that gives way, which must not keep itself from going on.
    /// </summary>
    private const int BusyCommitsPerSecond = 150;

    /// <summary>Each connection of PostgreSQL tells of its commits once a second.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    private Seen? last;

    /// <summary>Takes a step of long work, told whether others are busy; while they are, they have the database to themselves for as long as the step took.</summary>
    public async Task<T> GiveWayAsync<T>(Func<bool, Task<T>> step, CancellationToken ct)
    {
        var isBusy = await IsBusyAsync(ct);
        var start = Stopwatch.GetTimestamp();
        var done = await step(isBusy);
        if (isBusy)
        {
            // Real time on purpose: callers wait in it, whatever the deployment's clock is told to be.
            await Task.Delay(Stopwatch.GetElapsedTime(start), ct);
        }

        return done;
    }

    /// <summary>Answers what it was as long as too little time has passed to tell; not busy before that.</summary>
    public async Task<bool> IsBusyAsync(CancellationToken ct)
    {
        // Several lanes ask: of two at once either one's answer will do.
        var before = Volatile.Read(ref last);
        if (before is not null && Stopwatch.GetElapsedTime(before.At) < Shortest)
        {
            return before.IsBusy;
        }

        await using var read = dataSource.CreateCommand("select xact_commit from pg_stat_database where datname = current_database()");
        var (commits, at) = ((long)(await read.ExecuteScalarAsync(ct))!, Stopwatch.GetTimestamp());
        var now = new Seen(commits, at, before is not null && commits - before.Commits > BusyCommitsPerSecond * Stopwatch.GetElapsedTime(before.At, at).TotalSeconds);
        Volatile.Write(ref last, now);
        return now.IsBusy;
    }

    private sealed record Seen(long Commits, long At, bool IsBusy);
}

/// <summary>The last day that was wanted closed on this node, whether its sites have told all of it or not.</summary>
internal sealed class WantedDays
{
    private int wanted;

    public DateOnly Last => DateOnly.FromDayNumber(Volatile.Read(ref wanted));

    public void Want(DateOnly day) => Volatile.Write(ref wanted, Math.Max(day.DayNumber, Volatile.Read(ref wanted)));
}
