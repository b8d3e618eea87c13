using System.Diagnostics;
using Npgsql;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// Whether others use the deployment's database, from any node: by the commits of the last seconds. Who asks at each tick of a job knows of the time since
/// the tick before.
/// </summary>
public sealed class Traffic(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// Well above what the deployment commits by itself: some forty a second by readers of the log and jobs that look for work, and five by each lane of a
    /// day close that gives way, which must not keep itself from going on.
    /// </summary>
    private const int BusyCommitsPerSecond = 150;

    /// <summary>Each connection of PostgreSQL tells of its commits once a second.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    private Seen? last;

    /// <summary>Takes a step of long work, told whether others are busy; while they are, they have the database to themselves for as long as the step took.</summary>
    public async Task<T> GiveWayAsync<T>(Func<bool, Task<T>> step, CancellationToken ct)
    {
        var isBusy = await IsBusyAsync(ct);
        // Real time on purpose, here and below: callers wait in it, whatever the deployment's clock is told to be.
        var start = Stopwatch.GetTimestamp();
        var done = await step(isBusy);
        if (isBusy)
        {
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
