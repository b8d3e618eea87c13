using System.Globalization;
using Guance.Billing.TestKit;

namespace Guance.Billing.Story.Tests;

/// <summary>A world of a test class's own: two sites, the Billing Center and the marketplace on free ports, databases of its own.</summary>
public sealed class AWorld : IAsyncLifetime
{
    private static int worlds;

    private int names;
    private string folder = "";

    public World.World World { get; private set; } = null!;

    public WorldPorts Ports => World.Ports;

    public StoryPlaces Places => new(Ports.BillingCenterUrl, Ports.SiteUrl(SiteCode.Of("cn4")), Ports.SiteUrl(SiteCode.Of("za1")), Ports.MarketplaceUrl);

    public async ValueTask InitializeAsync()
    {
        folder = Directory.CreateTempSubdirectory("guance-story-").FullName;
        World = await Billing.World.World.StartAsync(new WorldOptions
        {
            DataFolder = folder,
            FreePorts = true,
            Fresh = true,
            ServerConnectionString = await TestDatabase.ServerAsync(),
            DatabasePrefix = string.Create(CultureInfo.InvariantCulture, $"story_{Environment.ProcessId}_{Interlocked.Increment(ref worlds)}_"),
        });
    }

    /// <summary>A name that no other test of this world uses.</summary>
    public string New(string name) => string.Create(CultureInfo.InvariantCulture, $"{name}{Interlocked.Increment(ref names)}");

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
