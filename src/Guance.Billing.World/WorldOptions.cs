using System.Net;
using System.Net.Sockets;

namespace Guance.Billing.World;

/// <summary>How a world is laid out.</summary>
public sealed record WorldOptions
{
    /// <summary>The folder of everything that is kept: PostgreSQL's data, secrets, the clock, the market's state, mails.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Starts from empty data.</summary>
    public bool Fresh { get; init; }

    /// <summary>Port of the Billing Center; the sites follow it, the marketplace is ten above it, PostgreSQL nineteen.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Takes free ports for everything instead of the block.</summary>
    public bool FreePorts { get; init; }

    /// <summary>The sites.</summary>
    public IReadOnlyList<SiteCode> Sites { get; init; } = [SiteCode.Of("cn4"), SiteCode.Of("za1")];

    /// <summary>A PostgreSQL server to use instead of the embedded one (<c>ConnectionStrings__Billing</c>); databases are created there.</summary>
    public string? ServerConnectionString { get; init; }

    /// <summary>What the names of the databases begin with on that server.</summary>
    public string DatabasePrefix { get; init; } = "guance_";

    /// <summary>
    /// Whether the Billing Center and the sites run in this process. When not, they are processes of their own: their databases are made, and
    /// <see cref="World.SettingsOf"/> has what to start them with.
    /// </summary>
    public bool RunsDeployments { get; init; } = true;

    /// <summary>Factor on the marketplace's documented retry intervals, so that people see retries within seconds.</summary>
    public double MarketRetryScale { get; init; } = 0.01;

    /// <summary>Settings given to every deployment on top of the world's own.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Told in a sentence what takes time.</summary>
    public Action<string> Progress { get; init; } = _ => { };

    /// <summary>Where everything listens.</summary>
    public WorldPorts Ports() => FreePorts
        ? WorldPorts.Free(Sites)
        : new WorldPorts(Port, Sites.Select((site, index) => (site, Port + 1 + index)).ToDictionary(s => s.site, s => s.Item2), Port + 10, Port + 19);
}

/// <summary>Where everything in a world listens, on 127.0.0.1.</summary>
/// <param name="BillingCenter">The Billing Center.</param>
/// <param name="Sites">Each site.</param>
/// <param name="Marketplace">The marketplace simulator.</param>
/// <param name="Postgres">The embedded PostgreSQL; 0 takes a free port.</param>
public sealed record WorldPorts(int BillingCenter, IReadOnlyDictionary<SiteCode, int> Sites, int Marketplace, int Postgres)
{
    /// <summary>The Billing Center's address.</summary>
    public string BillingCenterUrl => Url(BillingCenter);

    /// <summary>The marketplace's address.</summary>
    public string MarketplaceUrl => Url(Marketplace);

    /// <summary>A site's address.</summary>
    public string SiteUrl(SiteCode site) => Url(Sites[site]);

    /// <summary>Finds as many free ports as a world needs.</summary>
    public static WorldPorts Free(IReadOnlyList<SiteCode> sites)
    {
        // All are held until the last is found, so that no two are the same.
        var held = Enumerable.Range(0, sites.Count + 2).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            var ports = held.Select(listener =>
            {
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }).ToArray();
            return new WorldPorts(ports[0], sites.Select((site, index) => (site, ports[2 + index])).ToDictionary(s => s.site, s => s.Item2), ports[1], 0);
        }
        finally
        {
            foreach (var listener in held)
            {
                listener.Dispose();
            }
        }
    }

    private static string Url(int port) => $"http://127.0.0.1:{port}";
}
