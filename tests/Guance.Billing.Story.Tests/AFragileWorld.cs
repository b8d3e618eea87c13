using System.Globalization;
using System.Net.Sockets;
using Guance.Billing.Client;
using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// A world that can be hurt: its deployments are processes, one node or more of each behind one address and one database; its PostgreSQL is its own; and between the Billing Center and its sites lie links that can be troubled.
/// What processes that stood to the end wrote is kept beside the tests' program, in <c>logs</c>, until the next run.
/// </summary>
internal sealed class AFragileWorld : IAsyncDisposable
{
    public const string BillingCenter = "billing-center";

    private const string MarketplaceFile = "marketplace.json";
    private const string NowFile = "now";

    private readonly string folder = Directory.CreateTempSubdirectory("guance-fragile-").FullName;
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly Dictionary<Node, Uri> addresses = [];
    private readonly Dictionary<Node, AProcess> processes = [];
    private readonly Dictionary<string, ALink> fronts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ALink> links = new(StringComparer.Ordinal);
    private World.World world = null!;
    private bool isKept;

    private AFragileWorld(IReadOnlyDictionary<string, string?> settings)
    {
        this.settings = settings;
        // The servers' user reaches its own folders through it, who may be another one.
        Programs.Run("chmod", "755", folder);
    }

    /// <summary>The Billing Center, and the sites.</summary>
    public static IReadOnlyList<string> Names { get; } = [BillingCenter, "cn4", "za1"];

    /// <summary>Its PostgreSQL.</summary>
    public IDatabaseServers Servers { get; private set; } = null!;

    /// <summary>Every process of a deployment.</summary>
    public IReadOnlyList<Node> Nodes { get; private set; } = [];

    public StoryPlaces Places => new(UrlOf(BillingCenter), UrlOf("cn4"), UrlOf("za1"), world.Ports.MarketplaceUrl);

    public TimeSpan ClockAhead { get; private set; }

    public DateTimeOffset Now => TimeProvider.System.GetUtcNow() + ClockAhead;

    /// <summary>How long until the day is over in Shanghai, and can be closed.</summary>
    public TimeSpan UntilTheDayIsOver()
    {
        var local = Now.ToOffset(TimeSpan.FromHours(8));
        return new DateTimeOffset(local.Date.AddDays(1), TimeSpan.FromHours(8)).AddMinutes(20) - local;
    }

    /// <summary>Starts it; returns when all are ready.</summary>
    /// <param name="settings">Given to every deployment.</param>
    /// <param name="startServers">Starts its PostgreSQL in a folder that every user can reach.</param>
    /// <param name="nodes">How many of each deployment.</param>
    /// <param name="kept">The folder that <see cref="KeepAsync"/> filled: the world goes on at that instant from what another one left, which may have been of an older release.</param>
    public static async Task<AFragileWorld> StartAsync(
        IReadOnlyDictionary<string, string?> settings, Func<string, Task<IDatabaseServers>> startServers, int nodes = 1, string? kept = null)
    {
        var fragile = new AFragileWorld(settings);
        try
        {
            await fragile.StartPartsAsync(startServers, nodes, kept);
            return fragile;
        }
        catch
        {
            await fragile.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where people and the market reach a deployment: whichever node of it is there.</summary>
    public string UrlOf(string name) => fronts[name].Url;

    /// <summary>What a deployment is reached through by its peers.</summary>
    public ALink LinkTo(string name) => links[name];

    public NpgsqlDataSource DatabaseOf(string name) => NpgsqlDataSource.Create(world.SettingsOf(name)["ConnectionStrings:Billing"]!);

    /// <summary>Starts nodes side by side; returns when they are ready.</summary>
    public Task StartAsync(params IReadOnlyList<Node> nodes) => Task.WhenAll(nodes.Select(async node =>
    {
        var process = AProcess.Start("Guance.Billing.Host", EnvironmentOf(node));
        lock (processes)
        {
            processes.Add(node, process);
        }

        await process.ReadyAsync(node.ToString(), addresses[node].OriginalString);
    }));

    /// <summary>Kills nodes without asking; returns when they are gone.</summary>
    public Task KillAsync(params IReadOnlyList<Node> nodes) => Task.WhenAll(nodes.Select(async node =>
    {
        AProcess? process;
        lock (processes)
        {
            processes.Remove(node, out process);
        }

        if (process is not null)
        {
            using (process)
            {
                if (process.HasExited)
                {
                    throw new InvalidOperationException($"{node} had ended by itself:\n{await process.OutputAsync()}");
                }

                await process.KillAsync();
            }
        }
    }));

    /// <summary>Ends the world, and keeps in a folder what another one can go on from: the databases, the market's state and the time; no secrets, since deployments get those from outside.</summary>
    public async Task KeepAsync(string to)
    {
        await File.WriteAllTextAsync(Path.Combine(to, NowFile), Now.ToString("O", CultureInfo.InvariantCulture));
        await KillAsync(Nodes);
        // The market writes its state when it ends.
        await world.DisposeAsync();
        isKept = true;
        File.Copy(Path.Combine(folder, MarketplaceFile), Path.Combine(to, MarketplaceFile), overwrite: true);
        foreach (var name in Names)
        {
            Programs.RunOfPostgres(
                "pg_dump", "--no-owner", "--no-privileges", "--format=custom", "--compress=9", $"--dbname={LibpqOf(name)}", $"--file={Path.Combine(to, $"{name}.dump")}");
        }
    }

    /// <summary>Moves the world's clock: that of the market, and of deployments that are started from now on.</summary>
    public async Task MoveClockAsync(TimeSpan by)
    {
        ClockAhead += by;
        await world.AdvanceAsync(by, CancellationToken.None);
    }

    /// <summary>Lets time pass in a world that runs, and has everything do what became due.</summary>
    public async Task PassAsync(TimeSpan by)
    {
        await MoveClockAsync(by);
        await Task.WhenAll(Nodes.Select(async node =>
        {
            using var clock = new Person(addresses[node].OriginalString);
            await clock.PostAsync("/dev/clock", new { advance = by.ToString("c", CultureInfo.InvariantCulture) });
        }));
    }

    /// <summary>Lets time pass, second by second, while parts are away.</summary>
    public async Task KeepPassingAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await PassAsync(TimeSpan.FromSeconds(1));
            }
            catch (Exception away) when (away is HttpRequestException or UnexpectedAnswerException or IOException or SocketException)
            {
                // Somebody is being hurt just now.
            }
        }
    }

    /// <summary>An operator's program, which goes on for as long as anything is hurt.</summary>
    public GuanceBillingOptions Operator(string name) => new()
    {
        Url = new(UrlOf(name)), BillingCenterUrl = new(UrlOf(BillingCenter)), ClientId = "dev-operator", ClientSecret = "dev-operator-secret", GiveUpAfter = TimeSpan.FromMinutes(5),
    };

    /// <summary>Every snapshot that commands go by is, in every deployment, what its events make of it.</summary>
    public Task SnapshotsAreRightAsync() => Task.WhenAll(Names.Select(name => RunAsync(name, "rebuild", "--preview")));

    /// <summary>An operator who takes the first answer.</summary>
    public Task<Person> StaffAsync(string name) => Person.ProgramAsync(UrlOf(name), UrlOf(BillingCenter), "dev-operator", "dev-operator-secret");

    public async ValueTask DisposeAsync()
    {
        var logs = Path.Combine(AppContext.BaseDirectory, "logs", TestContext.Current.TestClass?.TestClassSimpleName ?? "");
        Directory.CreateDirectory(logs);
        foreach (var (node, process) in processes)
        {
            await process.KillAsync();
            await File.WriteAllTextAsync(Path.Combine(logs, $"{node}.log"), await process.OutputAsync());
            process.Dispose();
        }

        foreach (var link in links.Values.Concat(fronts.Values))
        {
            await link.DisposeAsync();
        }

        foreach (var part in new IAsyncDisposable?[] { isKept ? null : world, Servers })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task StartPartsAsync(Func<string, Task<IDatabaseServers>> startServers, int nodes, string? kept)
    {
        Servers = await startServers(folder);
        if (kept is not null)
        {
            File.Copy(Path.Combine(kept, MarketplaceFile), Path.Combine(folder, MarketplaceFile));
        }

        // The market calls the front, as everybody does.
        world = await World.World.StartAsync(new WorldOptions { DataFolder = folder, FreePorts = true, ServerConnectionString = Servers.ConnectionString, RunsDeployments = false });
        Nodes = [.. Names.SelectMany(name => Enumerable.Range(1, nodes).Select(number => new Node(name, number)))];
        foreach (var node in Nodes)
        {
            addresses.Add(node, new Uri($"http://127.0.0.1:{Ports.Free()}"));
        }

        foreach (var name in Names)
        {
            var front = name == BillingCenter ? world.Ports.BillingCenter : world.Ports.Sites[SiteCode.Of(name)];
            fronts.Add(name, new ALink([.. Nodes.Where(node => node.Deployment == name).Select(node => addresses[node])], front));
            links.Add(name, new ALink([new Uri(fronts[name].Url)]));
        }

        if (kept is not null)
        {
            await MoveClockAsync(DateTimeOffset.Parse(await File.ReadAllTextAsync(Path.Combine(kept, NowFile)), CultureInfo.InvariantCulture) - Now);
            await Task.WhenAll(Names.Select(name => GoOnFromAsync(name, Path.Combine(kept, $"{name}.dump"))));
        }

        await StartAsync(Nodes);
    }

    /// <summary>Takes a deployment's database from a dump, and makes the tables of this release of it, as an upgrade does before the first node starts.</summary>
    private async Task GoOnFromAsync(string name, string dump)
    {
        await Task.Run(() => Programs.RunOfPostgres("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", $"--dbname={LibpqOf(name)}", dump));
        await RunAsync(name, "migrate");
    }

    private async Task RunAsync(string name, params string[] arguments)
    {
        using var task = AProcess.Start("Guance.Billing.Host", EnvironmentOf(Nodes.First(node => node.Deployment == name)), arguments);
        (await task.OutputAsync()).ShouldEndWith("(exit code 0)");
    }

    private string LibpqOf(string name)
    {
        var database = new NpgsqlConnectionStringBuilder(world.SettingsOf(name)["ConnectionStrings:Billing"]!);
        return string.Create(CultureInfo.InvariantCulture, $"host={database.Host} port={database.Port} user={database.Username} password={database.Password} dbname={database.Database}");
    }

    private Dictionary<string, string?> EnvironmentOf(Node node) =>
        SettingsOf(node).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value, StringComparer.Ordinal);

    private Dictionary<string, string?> SettingsOf(Node node)
    {
        var all = new Dictionary<string, string?>(world.SettingsOf(node.Deployment), StringComparer.OrdinalIgnoreCase)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Development:ClockAhead"] = ClockAhead.ToString("c", CultureInfo.InvariantCulture),
            ["Urls"] = addresses[node].OriginalString,
            ["Deployment:BillingCenterUrl"] = links[BillingCenter].Url,
        };
        if (node.Deployment == BillingCenter)
        {
            // Tokens name their issuer by it, for sites, too.
            all["Deployment:PublicUrl"] = links[BillingCenter].Url;
            foreach (var site in Names.Skip(1))
            {
                all[$"Deployment:Sites:{site}:Url"] = links[site].Url;
            }
        }

        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return all;
    }
}

/// <summary>One process of a deployment.</summary>
internal readonly record struct Node(string Deployment, int Number)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Deployment} {Number}");
}
