using Npgsql;

namespace Guance.Billing.Platform.Data;

/// <summary>
/// Connections to the same database for what holds one for long, such as a job's lock, or a file that is written as fast as somebody reads it: however many they are, they leave those for
/// everything else alone.
/// </summary>
/// <param name="source">Opens them.</param>
public sealed class HeldConnections(NpgsqlDataSource source) : IAsyncDisposable, IDisposable
{
    /// <summary>Opens them.</summary>
    public NpgsqlDataSource Source => source;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();
}
