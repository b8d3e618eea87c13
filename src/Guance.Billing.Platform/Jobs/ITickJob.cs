namespace Guance.Billing.Platform.Jobs;

/// <summary>
/// Recurring work (a module's <c>Jobs</c>): claims what is due by a set-based query, sends commands, holds no rules. May run twice and
/// may be cut off at any point: the next run goes on.
/// </summary>
public interface ITickJob
{
    /// <summary>Does what is due now.</summary>
    Task RunAsync(CancellationToken ct);
}

/// <summary>When and where a <see cref="ITickJob"/> runs.</summary>
/// <param name="Id">Unique in the deployment: <c>module:verb</c> or <c>module:verb:object</c>.</param>
/// <param name="Cron">Six fields, the first one seconds; real time, UTC.</param>
/// <param name="Create">Makes the job in a scope of its own for each run.</param>
/// <param name="IsContinuous">The run goes on until it is stopped or hands over; a clock that is moved does not wait for it.</param>
public sealed record Tick(string Id, string Cron, Func<IServiceProvider, ITickJob> Create, bool IsContinuous = false);

/// <summary>Runs ticks: each on one node at a time, whoever asks.</summary>
public interface ITicks
{
    /// <summary>
    /// Runs a tick soon on this node, because there is something to do now: cheap, does not wait, and asking often asks once. Only a
    /// shortcut: the recurring run finds the work, too.
    /// </summary>
    void Poke(string id);

    /// <summary>Runs every tick that is not continuous, one after another, waiting for those that run already (development's clock).</summary>
    Task RunAllAsync(CancellationToken ct);
}
