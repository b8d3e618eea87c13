using System.Diagnostics;
using System.Globalization;
using System.Net;
using Guance.Billing.TestKit;
using Npgsql;

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

    /// <summary>Starts the Billing Center as a process of its own, which can be killed, in place of the world's own that was stopped; returns when it is ready.</summary>
    internal async Task<AProcess> StartBillingCenterProcessAsync(params (string Key, string Value)[] furtherSettings)
    {
        var settings = World.SettingsOf("billing-center").ToDictionary(setting => AsVariable(setting.Key), setting => setting.Value);
        settings["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (key, value) in furtherSettings)
        {
            settings[AsVariable(key)] = value;
        }

        var process = AProcess.Start("Guance.Billing.Host", settings);
        using var person = new Person(Ports.BillingCenterUrl);
        await UntilAsync(
            "the Billing Center is ready",
            async () =>
            {
                try
                {
                    return (await person.SendAsync(HttpMethod.Get, "/health/ready")).Status;
                }
                catch (HttpRequestException) when (!process.HasExited)
                {
                    return HttpStatusCode.ServiceUnavailable;
                }
                catch (HttpRequestException failure)
                {
                    throw new InvalidOperationException($"The Billing Center has ended while it was starting:\n{await process.OutputAsync()}", failure);
                }
            },
            status => status is HttpStatusCode.OK);
        return process;

        static string AsVariable(string key) => key.Replace(":", "__", StringComparison.Ordinal);
    }

    /// <summary>Connections to the Billing Center's database, for what HTTP would tell too late for a kill.</summary>
    internal NpgsqlDataSource BillingCenterDatabase() => NpgsqlDataSource.Create(World.SettingsOf("billing-center")["ConnectionStrings:Billing"]!);

    /// <summary>Reads a number from the Billing Center's database until it is as expected.</summary>
    internal async Task<long> UntilInDatabaseAsync(string sql, Func<long, bool> holds)
    {
        await using var database = BillingCenterDatabase();
        await using var count = database.CreateCommand(sql);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            if (holds(seen))
            {
                return seen;
            }

            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMinutes(2), $"{sql} is {seen}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
