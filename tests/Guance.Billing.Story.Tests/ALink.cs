using System.Net;
using System.Net.Sockets;

namespace Guance.Billing.Story.Tests;

/// <summary>What a network does to those who talk over it.</summary>
internal enum Trouble
{
    None,

    /// <summary>Connections are cut, and none is taken.</summary>
    Cut,

    /// <summary>All comes late.</summary>
    Slow,

    /// <summary>Connections stand and are taken, and nothing comes through: what was frozen stays so after the trouble has passed, as behind a firewall that has forgotten it.</summary>
    HalfOpen,
}

/// <summary>
/// A link between two parts of a world, which can be troubled: takes connections on a port of its own, and passes on what is sent. With several nodes behind it, each connection
/// goes to the next one that is there, as behind a load balancer; or to that of the one before for as long as it is there.
/// </summary>
internal sealed class ALink : IAsyncDisposable
{
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(400);

    private readonly TcpListener listener;
    private readonly IReadOnlyList<Uri> nodes;
    private readonly bool keepsToOne;
    private readonly CancellationTokenSource end = new();
    private readonly Task taking;
    private CancellationTokenSource cut = new();
    private volatile Trouble trouble;
    private int turn;

    public ALink(IReadOnlyList<Uri> nodes, int port = 0, bool keepsToOne = false)
    {
        this.nodes = nodes;
        this.keepsToOne = keepsToOne;
        listener = new(IPAddress.Loopback, port);
        listener.Start();
        taking = TakeAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public void Suffer(Trouble what)
    {
        trouble = what;
        if (what is Trouble.Cut)
        {
            Interlocked.Exchange(ref cut, new()).Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        listener.Stop();
        await taking;
        listener.Dispose();
    }

    private async Task TakeAsync()
    {
        while (true)
        {
            try
            {
                var from = await listener.AcceptTcpClientAsync(end.Token);
                _ = PassAsync(from, trouble, cut.Token);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException && end.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task PassAsync(TcpClient from, Trouble atFirst, CancellationToken untilCut)
    {
        using var client = from;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(untilCut, end.Token);
        try
        {
            if (atFirst is Trouble.Cut)
            {
                // No farewell: the other side sees a reset.
                client.Client.LingerState = new(enable: true, seconds: 0);
                return;
            }

            using var server = await ConnectAsync(ends.Token);
            await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream(), ends.Token), PumpAsync(server.GetStream(), client.GetStream(), ends.Token));
        }
        catch (Exception gone) when (gone is SocketException or IOException or OperationCanceledException)
        {
            // Whoever is connected sees it closed.
        }
        finally
        {
            await ends.CancelAsync();
        }
    }

    private async Task<TcpClient> ConnectAsync(CancellationToken ct)
    {
        var first = keepsToOne ? Volatile.Read(ref turn) : Interlocked.Increment(ref turn);
        for (var tries = 0; ; tries++)
        {
            var node = nodes[(first + tries) % nodes.Count];
            var server = new TcpClient();
            try
            {
                await server.ConnectAsync(node.Host, node.Port, ct);
                if (keepsToOne)
                {
                    Volatile.Write(ref turn, first + tries);
                }

                return server;
            }
            catch (SocketException) when (tries + 1 < nodes.Count)
            {
                server.Dispose();
            }
            catch
            {
                server.Dispose();
                throw;
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, CancellationToken ct)
    {
        var part = new byte[16 * 1024];
        while (await from.ReadAsync(part, ct) is var length and > 0)
        {
            switch (trouble)
            {
                case Trouble.HalfOpen:
                    await Task.Delay(Timeout.InfiniteTimeSpan, ct);
                    break;
                case Trouble.Slow:
                    await Task.Delay(Late, ct);
                    break;
            }

            await to.WriteAsync(part.AsMemory(0, length), ct);
        }
    }
}
