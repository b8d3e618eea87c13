namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>
/// Does what the market has due: first tries, retries, polls, expiries, collections. A loop in the background calls on it all the
/// time; <see cref="RunDueAsync"/> is for whoever moved the clock and wants to go on when all that became due is done.
/// </summary>
public sealed class SimulatorClockwork : IDisposable
{
    private const int CallsInFlightMax = 64;
    private const int RoundsMax = 1000;

    private readonly Market market;
    private readonly SellerLine seller;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> inFlight = [];
    private readonly SemaphoreSlim wake = new(0, 1);
    private bool isDisposed;

    internal SimulatorClockwork(Market market, SellerLine seller)
    {
        this.market = market;
        this.seller = seller;
        market.Stirred = Wake;
    }

    /// <summary>
    /// Runs everything that is due by the market's clock, and what becomes due at once through that (the poll after a creation), until
    /// nothing is left. A call that fails is due again only after its interval. Returns without calling anyone while the market is down.
    /// May be called at any time, also more than once at a time.
    /// </summary>
    public async Task RunDueAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < RoundsMax; round++)
        {
            var running = Start();
            if (running.Length == 0)
                return;
            await Task.WhenAll(running).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops what is under way.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
                return;
            isDisposed = true;
            stopping.Cancel();
            stopping.Dispose();
            wake.Dispose();
        }
    }

    /// <summary>Until cancelled: starts what is due, then waits for the next tick or for something new.</summary>
    internal async Task RunAsync(TimeSpan tick, CancellationToken cancel)
    {
        using var registration = cancel.Register(stopping.Cancel);
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                Start();
                await wake.WaitAsync(tick, cancel);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The market stops.
        }
        // What was under way is reported or given back before the state is saved.
        Task[] running;
        lock (gate)
            running = [.. inFlight];
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Sends one call at once, outside the queue, and tells how it went.</summary>
    internal async Task<CallView> SendNowAsync(Call call, CancellationToken cancel) => market.Complete(call, await seller.SendAsync(call, cancel));

    private void Wake()
    {
        lock (gate)
        {
            if (!isDisposed && wake.CurrentCount == 0)
                wake.Release();
        }
    }

    /// <summary>Starts what is due and has room; the answer is all that is under way.</summary>
    private Task[] Start()
    {
        lock (gate)
        {
            inFlight.RemoveWhere(t => t.IsCompleted);
            if (isDisposed || stopping.IsCancellationRequested)
                return [];
            var cancel = stopping.Token;
            foreach (var call in market.TakeDue(CallsInFlightMax - inFlight.Count))
                inFlight.Add(Task.Run(() => DeliverAsync(call, cancel), CancellationToken.None));
            return [.. inFlight];
        }
    }

    private async Task DeliverAsync(Call call, CancellationToken cancel)
    {
        try
        {
            if (market.Faults.DelayMs is > 0 and var delay)
                await Task.Delay(delay, cancel);
            await SendNowAsync(call, cancel);
            Wake();
        }
        catch (OperationCanceledException)
        {
            market.PutBack(call);
        }
    }
}

internal sealed class ClockworkLoop(SimulatorClockwork clockwork, SimulatorOptions options) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => clockwork.RunAsync(options.TickInterval, stoppingToken);
}
