namespace Guance.Billing.Sites.Feed;

/// <summary>Tells who waits on this node that a feed got longer.</summary>
internal sealed class FeedSignal
{
    private TaskCompletionSource next = New();

    /// <summary>Completes when something is written after this was asked for.</summary>
    public Task Next => Volatile.Read(ref next).Task;

    /// <summary>Wakes all who wait.</summary>
    public void Raise() => Interlocked.Exchange(ref next, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
