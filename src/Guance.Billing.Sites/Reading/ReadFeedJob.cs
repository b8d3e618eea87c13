using Guance.Billing.Platform.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Sites.Reading;

/// <summary>
/// Reads one peer's feed: asks for what follows, applies it, asks again, and so on until the turn is over or the node stops. Runs on one
/// node at a time; when that node dies, the next tick on another one goes on.
/// </summary>
internal sealed class ReadFeedJob(
    Peer peer, FeedClient client, FeedApplier applier, Contacts contacts, ITicks ticks, TimeProvider clock, ILogger<ReadFeedJob> log) : ITickJob
{
    public const int PageMax = 500;

    /// <summary>A turn ends now and then, so that the work does not stick to one node for ever.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    /// <summary>A page that failed so often is tried in halves, so that what comes before a bad message is applied.</summary>
    private const int FailuresWhole = 3;

    public static Tick For(Peer peer) => new(
        IdOf(peer), "*/10 * * * * *", services => ActivatorUtilities.CreateInstance<ReadFeedJob>(services, peer), IsContinuous: true);

    public static string IdOf(Peer peer) => $"link:read:{peer.Name}";

    public async Task RunAsync(CancellationToken ct)
    {
        var start = clock.GetTimestamp();
        var size = PageMax;
        var failures = 0;
        var pause = PauseMin;
        var lastError = "unknown";
        while (clock.GetElapsedTime(start) < Turn && !ct.IsCancellationRequested)
        {
            var count = 0;
            try
            {
                var position = await applier.PositionAsync(peer.Name, ct);
                // Not waited for until it is known to work: an error is not to be shown for as long as a peer has nothing to tell.
                var page = await client.ReadAsync(peer, position, size, lastError.Length > 0 ? TimeSpan.Zero : Wait, ct);
                await contacts.SeenAsync(peer.Name, ct);
                count = page.Messages.Count;
                if (count > 0)
                {
                    await applier.ApplyAsync(peer.Name, position, page.Messages, ct);
                }

                size = Math.Min(PageMax, size * 2);
                failures = size == PageMax ? 0 : failures;
                pause = PauseMin;
                if (lastError.Length > 0)
                {
                    await contacts.WorksAsync(peer.Name, ct);
                    lastError = "";
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (failure.Message != lastError)
                {
                    // A peer that is away is no fault of ours: a sentence is enough.
                    log.LogWarning(failure is PeerUnreachableException ? null : failure, "Reading the feed of {Peer} failed and is tried again: {Reason}", peer.Name, failure.Message);
                    lastError = failure.Message;
                }

                await NoteAsync(failure.Message, ct);
                if (count > 1 && ++failures >= FailuresWhole)
                {
                    size = count / 2;
                    pause = PauseMin;
                }

                await Task.Delay(pause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
            }
        }

        if (!ct.IsCancellationRequested)
        {
            // Whoever is free goes on: a node whose own tick comes first, else this one.
            ticks.Poke(IdOf(peer));
        }
    }

    private async Task NoteAsync(string error, CancellationToken ct)
    {
        try
        {
            await contacts.FailedAsync(peer.Name, error, ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            log.LogWarning(failure, "Could not note that reading the feed of {Peer} failed", peer.Name);
        }
        catch (OperationCanceledException)
        {
            // The node stops; the next run meets the same failure and notes it.
        }
    }
}

/// <summary>Begins to read as soon as the deployment is up, without waiting for the first tick.</summary>
internal sealed class StartReading(IReadOnlyList<Peer> peers, ITicks ticks, IHostApplicationLifetime lifetime) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            foreach (var peer in peers)
            {
                ticks.Poke(ReadFeedJob.IdOf(peer));
            }
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
