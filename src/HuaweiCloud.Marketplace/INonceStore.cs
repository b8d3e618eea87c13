namespace HuaweiCloud.Marketplace;

/// <summary>Remembers the nonces of verified calls, so that a recorded call cannot be played again (protocol §3). Resolved from the
/// request's scope. Several nodes behind one address need a store they share; register it in place of the in-memory one.</summary>
public interface INonceStore
{
    /// <summary>Remembers a nonce until a time.</summary>
    /// <returns>False if it is remembered already. Of concurrent calls with one nonce exactly one gets true.</returns>
    ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken);
}

/// <summary>For one node. Only verified calls reach it, so a stranger cannot fill it.</summary>
/// <param name="clock">The clock.</param>
/// <param name="capacity">Nonces held at most; a call beyond it fails (and is repeated by the marketplace) rather than go unchecked.</param>
public sealed class InMemoryNonceStore(TimeProvider clock, int capacity) : INonceStore
{
    /// <summary>Two minutes of over 8000 calls a second.</summary>
    public const int DefaultCapacity = 1_000_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _nonces = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, DateTimeOffset> _expiries = new();

    /// <summary>As <see cref="InMemoryNonceStore(TimeProvider, int)"/> with <see cref="DefaultCapacity"/>.</summary>
    public InMemoryNonceStore(TimeProvider clock) : this(clock, DefaultCapacity) { }

    /// <inheritdoc/>
    public ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            while (_expiries.TryPeek(out var oldest, out var expiry) && expiry < now)
            {
                _expiries.Dequeue();
                _nonces.Remove(oldest);
            }

            if (_nonces.Contains(nonce)) return ValueTask.FromResult(false);
            if (_nonces.Count >= capacity) throw new InvalidOperationException($"More than {capacity} nonces are held at once.");
            _nonces.Add(nonce);
            _expiries.Enqueue(nonce, until);
            return ValueTask.FromResult(true);
        }
    }
}
