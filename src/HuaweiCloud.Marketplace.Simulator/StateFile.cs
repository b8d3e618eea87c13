using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>
/// Keeps the market's state in <see cref="SimulatorOptions.StateFile"/>: reads it before anything else starts, writes it about a second
/// after a change, and when all else has stopped. The file is replaced as a whole, so that whenever the process ends it is whole.
/// A big state is written less often, so that writing takes at most a twentieth of the time.
/// </summary>
internal sealed class StateFile(Market market, SimulatorOptions options, ILogger<StateFile> logger) : BackgroundService
{
    private const int PausePerWrite = 20;
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    /// <summary>What is missing makes a file unreadable; it is never guessed.</summary>
    private static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IncludeFields = true, // of tuples
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The changes that the file has; null until it was read, and while it is, nothing is written.</summary>
    private long? written;

    /// <exception cref="InvalidDataException">There is a file that cannot be read; it is left as it is.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.StateFile is { } path && File.Exists(path))
        {
            try
            {
                market.Restore(JsonSerializer.Deserialize<MarketState>(await File.ReadAllBytesAsync(path, cancellationToken), Json)
                    ?? throw new JsonException("It holds null."));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidDataException(
                    $"The marketplace's state in {path} cannot be read. Delete the file, or start with --fresh: the marketplace then begins empty. ({e.Message})", e);
            }
        }
        written = market.Changes;
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Write();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Real time: the market's clock may stand still or jump.
        using var timer = new PeriodicTimer(PauseMin);
        try
        {
            while (options.StateFile is not null && await timer.WaitForNextTickAsync(stoppingToken))
            {
                var started = Stopwatch.GetTimestamp();
                Write();
                timer.Period = TimeSpan.FromTicks(Math.Max(PauseMin.Ticks, Stopwatch.GetElapsedTime(started).Ticks * PausePerWrite));
            }
        }
        catch (OperationCanceledException)
        {
            // The market stops.
        }
    }

    /// <summary>Writes what has changed. What cannot be written is tried again at the next turn.</summary>
    private void Write()
    {
        var changes = market.Changes;
        if (options.StateFile is not { } path || written is not { } before || before == changes)
            return;
        var fresh = path + ".new";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!); // a file has a folder
            using (var stream = File.Create(fresh))
            {
                JsonSerializer.Serialize(stream, market.Save(), Json);
                stream.Flush(flushToDisk: true);
            }
            File.Move(fresh, path, overwrite: true);
            written = changes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LogError(e, "The marketplace's state cannot be written to {Path}.", path);
        }
    }
}
