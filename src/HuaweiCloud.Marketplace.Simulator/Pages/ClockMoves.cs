using System.Diagnostics;

namespace HuaweiCloud.Marketplace.Simulator.Pages;

/// <summary>The move of the clock that was asked for last; one at a time.</summary>
internal sealed class ClockMoves
{
    private readonly Lock gate = new();

    public Move? Last { get; private set; }

    /// <exception cref="Refusal"><c>clock-moving</c>: the one before is not over.</exception>
    public Move Begin(TimeSpan by, MoveClock mover)
    {
        lock (gate)
        {
            if (Last is { IsOver: false })
                throw Refusal.Conflict("clock-moving", "The clock is being moved already; wait until what fell due is done.");
            return Last = new Move(by, Stopwatch.StartNew(), Task.Run(() => mover(by, CancellationToken.None)));
        }
    }

    internal sealed record Move(TimeSpan By, Stopwatch Since, Task Work)
    {
        public bool IsOver => Work.IsCompleted;

        public bool Failed => Work.IsFaulted;
    }
}
