using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Guance.Billing.Client;
using Guance.Billing.Postgres;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// A world that can be hurt: its deployments are processes, one node or more of each behind one address and one database; its PostgreSQL is its own, if wanted with a standby that
/// has every commit; and between the Billing Center and its sites lie links that can be troubled.
/// </summary>
internal sealed class AFragileWorld : IAsyncDisposable
{
    public const string BillingCenter = "billing-center";

    private readonly string folder = Directory.CreateTempSubdirectory("guance-fragile-").FullName;
    private readonly EmbeddedPostgresOptions options;
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly Dictionary<Node, Uri> addresses = [];
    private readonly Dictionary<Node, AProcess> processes = [];
    private readonly Dictionary<string, ALink> fronts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ALink> links = new(StringComparer.Ordinal);
    private EmbeddedPostgres postgres = null!;
    private EmbeddedPostgres? standby;
    private World.World world = null!;

    private AFragileWorld(IReadOnlyDictionary<string, string?> settings)
    {
        this.settings = settings;
        // The server's user writes here, who may be another one.
        Directory.CreateDirectory(Archive);
        Run("chmod", "755", folder);
        Run("chmod", "777", Archive);
        options = new() { Folder = Path.Combine(folder, "postgres"), Port = FreePort(), Settings = $"archive_mode = on\narchive_command = 'test ! -f \"{Archive}/%f\" && cp \"%p\" \"{Archive}/%f\"'" };
    }

    /// <summary>The Billing Center, and the sites.</summary>
    public static IReadOnlyList<string> Names { get; } = [BillingCenter, "cn4", "za1"];

    private string Archive => Path.Combine(folder, "archive");

    private string Backup => Path.Combine(folder, "backup");

    /// <summary>Every process of a deployment.</summary>
    public IReadOnlyList<Node> Nodes { get; private set; } = [];

    public StoryPlaces Places => new(UrlOf(BillingCenter), UrlOf("cn4"), UrlOf("za1"), world.Ports.MarketplaceUrl);

    public TimeSpan ClockAhead { get; private set; }

    public DateTimeOffset Now => TimeProvider.System.GetUtcNow() + ClockAhead;

    /// <summary>Starts it; returns when all are ready.</summary>
    /// <param name="settings">Given to every deployment.</param>
    /// <param name="nodes">How many of each deployment.</param>
    /// <param name="withStandby">Whether PostgreSQL has a standby.</param>
    public static async Task<AFragileWorld> StartAsync(IReadOnlyDictionary<string, string?> settings, int nodes = 1, bool withStandby = false)
    {
        var fragile = new AFragileWorld(settings);
        try
        {
            await fragile.StartPartsAsync(nodes, withStandby);
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

    public NpgsqlDataSource DatabaseOf(string name) => NpgsqlDataSource.Create(ConnectionString(name));

    /// <summary>Starts nodes side by side; returns when they are ready.</summary>
    public Task StartAsync(params IReadOnlyList<Node> nodes) => Task.WhenAll(nodes.Select(async node =>
    {
        var environment = SettingsOf(node).ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value, StringComparer.Ordinal);
        var process = AProcess.Start("Guance.Billing.Host", environment);
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

    /// <summary>Stops PostgreSQL at once, as a crash or a power cut that spares the disk does, and starts it again.</summary>
    /// <param name="signal"><c>QUIT</c>: all its processes end without writing anything. <c>KILL</c>: its first process is gone, and the others notice.</param>
    public async Task CrashPostgresAsync(string signal)
    {
        await KillPostgresAsync(signal);
        postgres = await EmbeddedPostgres.StartAsync(options);
    }

    /// <summary>Backs PostgreSQL up while it works; an earlier backup goes.</summary>
    public void BackUp()
    {
        Run("rm", "-rf", Backup);
        var server = new NpgsqlConnectionStringBuilder(postgres.ServerConnectionString);
        Run(Script("back-up"), string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={server.Port} user={server.Username} password={server.Password}"), Backup);
    }

    /// <summary>Loses the disk of PostgreSQL once all it did is in the archive, and restores it from the backup and the archive.</summary>
    public async Task LoseDiskAsync()
    {
        await using (var server = NpgsqlDataSource.Create(postgres.ConnectionString("postgres")))
        {
            await using var end = server.CreateCommand("select pg_walfile_name(pg_switch_wal())");
            var last = (string)(await end.ExecuteScalarAsync())!;
            await using var archived = server.CreateCommand("select last_archived_wal >= $1 from pg_stat_archiver");
            archived.Parameters.Add(new() { Value = last });
            await UntilAsync($"{last} is archived", async () => await archived.ExecuteScalarAsync() is true, isArchived => isArchived);
        }

        await KillPostgresAsync("KILL");
        var data = Path.Combine(postgres.Folder, "data");
        Run("mv", data, data + ".lost");
        Run(Script("restore"), Backup, Archive, data);
        Run("chown", "-R", $"--reference={data}.lost", data);
        Run("rm", "-rf", data + ".lost");
        postgres = await EmbeddedPostgres.StartAsync(options);
    }

    /// <summary>Kills PostgreSQL for good, and has its standby take over.</summary>
    public async Task FailOverAsync()
    {
        await KillPostgresAsync("KILL");
        await standby!.PromoteAsync();
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

    /// <summary>An operator who takes the first answer.</summary>
    public Task<Person> StaffAsync(string name) => Person.ProgramAsync(UrlOf(name), UrlOf(BillingCenter), "dev-operator", "dev-operator-secret");

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes.Values)
        {
            await process.KillAsync();
            process.Dispose();
        }

        foreach (var link in links.Values.Concat(fronts.Values))
        {
            await link.DisposeAsync();
        }

        foreach (var part in new IAsyncDisposable?[] { world, standby, postgres })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string Script(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "deploy", "backup", name);

    private static void Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var wrong = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} ended with {process.ExitCode}: {wrong}{said.GetAwaiter().GetResult()}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task StartPartsAsync(int nodes, bool withStandby)
    {
        postgres = await EmbeddedPostgres.StartAsync(options);
        if (withStandby)
        {
            standby = await EmbeddedPostgres.StartAsync(new() { Folder = Path.Combine(folder, "standby"), StandbyOf = postgres });
            await postgres.WaitForStandbyAtEachCommitAsync();
        }

        // The market calls the front, as everybody does.
        world = await World.World.StartAsync(new WorldOptions { DataFolder = folder, FreePorts = true, ServerConnectionString = postgres.ServerConnectionString, RunsDeployments = false });
        Nodes = [.. Names.SelectMany(name => Enumerable.Range(1, nodes).Select(number => new Node(name, number)))];
        foreach (var node in Nodes)
        {
            addresses.Add(node, new Uri($"http://127.0.0.1:{FreePort()}"));
        }

        foreach (var name in Names)
        {
            var front = name == BillingCenter ? world.Ports.BillingCenter : world.Ports.Sites[SiteCode.Of(name)];
            fronts.Add(name, new ALink([.. Nodes.Where(node => node.Deployment == name).Select(node => addresses[node])], front));
            links.Add(name, new ALink([new Uri(fronts[name].Url)]));
        }

        await StartAsync(Nodes);
    }

    private async Task KillPostgresAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", postgres.ProcessId.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await postgres.DisposeAsync();
    }

    private string ConnectionString(string name)
    {
        var connection = new NpgsqlConnectionStringBuilder(world.SettingsOf(name)["ConnectionStrings:Billing"]!);
        if (standby is not null)
        {
            connection.Host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{postgres.Port},127.0.0.1:{standby.Port}");
            connection.TargetSessionAttributes = "primary";
            connection.HostRecheckSeconds = 1;
        }

        return connection.ConnectionString;
    }

    private Dictionary<string, string?> SettingsOf(Node node)
    {
        var all = new Dictionary<string, string?>(world.SettingsOf(node.Deployment), StringComparer.OrdinalIgnoreCase)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Development:ClockAhead"] = ClockAhead.ToString("c", CultureInfo.InvariantCulture),
            ["Urls"] = addresses[node].OriginalString,
            ["ConnectionStrings:Billing"] = ConnectionString(node.Deployment),
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
