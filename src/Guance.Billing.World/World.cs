using System.Globalization;
using Guance.Billing.Host;
using Guance.Billing.Platform.Clock;
using Guance.Billing.Postgres;
using Guance.Billing.Sites;
using HuaweiCloud.Marketplace.Simulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.World;

/// <summary>
/// Everything on one machine and in one process: PostgreSQL, the Billing Center, sites and the marketplace simulator, talking real HTTP
/// to each other, by one clock that development can move.
/// </summary>
public sealed class World : IAsyncDisposable
{
    private readonly WorldOptions options;
    private readonly WorldSecrets secrets;
    private readonly WorldClock clock;
    private readonly Dictionary<string, WebApplication> deployments = new(StringComparer.Ordinal);
    private readonly HashSet<string> preparedDatabases = new(StringComparer.Ordinal);
    private EmbeddedPostgres? postgres;
    private WebApplication? marketplace;

    private World(WorldOptions options, WorldSecrets secrets, WorldClock clock)
    {
        this.options = options;
        this.secrets = secrets;
        this.clock = clock;
        Ports = options.Ports();
    }

    /// <summary>Where everything listens.</summary>
    public WorldPorts Ports { get; }

    /// <summary>The sites.</summary>
    public IReadOnlyList<SiteCode> Sites => options.Sites;

    /// <summary>A running deployment by its name: <c>billing-center</c> or the site's code.</summary>
    public WebApplication Deployment(string name) => deployments[name];

    /// <summary>The running marketplace.</summary>
    public WebApplication Marketplace => marketplace ?? throw new InvalidOperationException("The marketplace is not running.");

    /// <summary>Starts a world; returns when all of it is healthy.</summary>
    public static async Task<World> StartAsync(WorldOptions options, CancellationToken ct = default)
    {
        if (options.Fresh && Directory.Exists(options.DataFolder))
        {
            options.Progress("Deleting the old data");
            DeleteAllButPostgres(options.DataFolder);
        }

        Directory.CreateDirectory(options.DataFolder);
        var world = new World(options, WorldSecrets.ReadOrMake(Path.Combine(options.DataFolder, "secrets.json")), ReadClock(options));
        try
        {
            await world.StartPostgresAsync(ct);
            await world.StartMarketplaceAsync(ct);
            if (!options.RunsDeployments)
            {
                foreach (var name in options.Sites.Select(site => site.Value).Prepend(Platform.Deployment.BillingCenterName))
                {
                    await world.CreateDatabaseAsync(world.DatabaseName(name), ct);
                }

                return world;
            }

            options.Progress("Starting the Billing Center and the sites");
            await world.StartDeploymentAsync(Platform.Deployment.BillingCenterName, ct);
            await Task.WhenAll(options.Sites.Select(site => world.StartDeploymentAsync(site.Value, ct)));
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one deployment: at the world's start, or again after <see cref="StopDeploymentAsync"/>.</summary>
    public async Task StartDeploymentAsync(string name, CancellationToken ct = default)
    {
        await CreateDatabaseAsync(DatabaseName(name), ct);
        var app = DeploymentHost.Build(
            new ConfigurationBuilder().AddInMemoryCollection(SettingsOf(name)).Build(),
            "Development",
            ModuleCatalog.For,
            services => services.AddSingleton(clock).AddSingleton<IClockMover>(new WorldClockMover(this)));
        await app.StartAsync(ct);
        lock (deployments)
        {
            deployments[name] = app;
        }
    }

    /// <summary>Stops one deployment, as if its machine went down for a while.</summary>
    public async Task StopDeploymentAsync(string name, CancellationToken ct = default)
    {
        WebApplication? app;
        lock (deployments)
        {
            deployments.Remove(name, out app);
        }

        if (app is not null)
        {
            await app.StopAsync(ct);
            await app.DisposeAsync();
        }
    }

    /// <summary>A deployment's settings, as its process would get them from the environment (<c>:</c> for <c>__</c>).</summary>
    public IReadOnlyDictionary<string, string?> SettingsOf(string name)
    {
        var site = options.Sites.Select(code => (SiteCode?)code).FirstOrDefault(code => code!.Value.Value == name);
        var url = site is { } code ? Ports.SiteUrl(code) : Ports.BillingCenterUrl;
        var clientId = site is null ? name : $"site-{name}";
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Urls"] = url,
            ["ConnectionStrings:Billing"] = ConnectionString(DatabaseName(name)),
            ["Deployment:Role"] = site is null ? "billing-center" : "site",
            ["Deployment:Site"] = site?.Value,
            ["Deployment:PublicUrl"] = url,
            ["Deployment:BillingCenterUrl"] = Ports.BillingCenterUrl,
            ["Access:IssuerPublicKey"] = secrets.PublicKey(),
            ["Link:ClientId"] = clientId,
            ["Link:ClientSecret"] = secrets.SecretOf(clientId),
            ["Mail:PickupDirectory"] = Path.Combine(options.DataFolder, "mail", name),
            ["HuaweiMarketplace:ProductUrl"] = Ports.MarketplaceUrl,
            ["ActivationMethods:Methods:huawei-cloud:MarketUrl"] = Ports.MarketplaceUrl,
        };
        if (site is null)
        {
            settings["Access:SigningKey"] = secrets.SigningKey;
            settings["HuaweiMarketplace:ApiBaseUrl"] = Ports.MarketplaceUrl;
            settings["HuaweiMarketplace:AccessKey"] = "dev-seller-access-key";
            settings["HuaweiMarketplace:Iam:AccessKeyId"] = "dev-ak";
            settings["HuaweiMarketplace:Iam:SecretAccessKey"] = "dev-sk";
            settings["HuaweiMarketplace:PrepaidCardSku"] = "SKU-PREPAID-CARD";
            (string Id, string Secret, string Scopes)[] clients =
            [
                ("dev-operator", "dev-operator-secret", "usage.write access.read billing.read billing.write operator"),
                (name, secrets.SecretOf(name), "link"),
                .. options.Sites.Select(other => ($"site-{other}", secrets.SecretOf($"site-{other}"), "link")),
            ];
            foreach (var (index, client) in clients.Index())
            {
                var key = $"Access:Clients:{index.ToString(CultureInfo.InvariantCulture)}";
                settings[$"{key}:Id"] = client.Id;
                settings[$"{key}:Secret"] = client.Secret;
                settings[$"{key}:Scopes"] = client.Scopes;
            }

            foreach (var other in options.Sites)
            {
                settings[$"Deployment:Sites:{other}:Url"] = Ports.SiteUrl(other);
            }
        }

        foreach (var (key, value) in options.Settings)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        WebApplication[] running;
        lock (deployments)
        {
            running = [.. deployments.Values];
            deployments.Clear();
        }

        // Side by side, since each waits a moment for its jobs and long polls.
        await Task.WhenAll(running.Append(marketplace).OfType<WebApplication>().Select(async app =>
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }));
        if (postgres is not null)
        {
            await postgres.DisposeAsync();
        }
    }

    /// <summary>Moves the world's clock and does what became due everywhere in this process, until nothing moves any more.</summary>
    public async Task AdvanceAsync(TimeSpan by, CancellationToken ct)
    {
        clock.Advance(by);
        await File.WriteAllTextAsync(ClockFile(options), (clock.GetUtcNow() - TimeProvider.System.GetUtcNow()).ToString("c", CultureInfo.InvariantCulture), ct);
        if (marketplace is not null)
        {
            await marketplace.Services.GetRequiredService<SimulatorClockwork>().RunDueAsync(ct);
        }

        WebApplication[] running;
        lock (deployments)
        {
            running = [.. deployments.Values];
        }

        // What one job decides may be another one's work, at this deployment or at its peer: twice reaches across and back.
        for (var round = 0; round < 2; round++)
        {
            foreach (var app in running)
            {
                await app.Services.GetRequiredService<Platform.Jobs.ITicks>().RunAllAsync(ct);
            }
        }
    }

    private static string ClockFile(WorldOptions options) => Path.Combine(options.DataFolder, "clock");

    private static WorldClock ReadClock(WorldOptions options)
    {
        var kept = new WorldClock();
        if (File.Exists(ClockFile(options)) && TimeSpan.TryParse(File.ReadAllText(ClockFile(options)), CultureInfo.InvariantCulture, out var offset) && offset > TimeSpan.Zero)
        {
            kept.Advance(offset);
        }

        return kept;
    }

    private static void DeleteAllButPostgres(string folder)
    {
        // PostgreSQL's own data is deleted by whoever owns it, when it is started fresh.
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder).Where(entry => !Path.GetFileName(entry).StartsWith("postgres", StringComparison.Ordinal)))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }
    }

    private string DatabaseName(string deployment) => options.DatabasePrefix + deployment.Replace('-', '_');

    private string ConnectionString(string database) => postgres is not null
        ? postgres.ConnectionString(database)
        : new NpgsqlConnectionStringBuilder(options.ServerConnectionString) { Database = database }.ConnectionString;

    private async Task StartPostgresAsync(CancellationToken ct)
    {
        if (options.ServerConnectionString is null)
        {
            options.Progress("Starting PostgreSQL");
            postgres = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions
                {
                    Folder = Path.Combine(options.DataFolder, "postgres"),
                    Port = Ports.Postgres,
                    Fresh = options.Fresh,
                    Progress = options.Progress,
                },
                ct);
        }
    }

    private async Task CreateDatabaseAsync(string name, CancellationToken ct)
    {
        lock (preparedDatabases)
        {
            if (!preparedDatabases.Add(name))
            {
                return;
            }
        }

        if (postgres is not null)
        {
            await postgres.CreateDatabaseIfMissingAsync(name, ct);
            return;
        }

        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(options.ServerConnectionString) { Database = "postgres" }.ConnectionString);
        await using var exists = server.CreateCommand("select 1 from pg_database where datname = $1");
        exists.Parameters.Add(new() { Value = name });
        var found = await exists.ExecuteScalarAsync(ct) is not null;
        if (found && options.Fresh)
        {
            await using var drop = server.CreateCommand($"drop database \"{name}\" with (force)");
            await drop.ExecuteNonQueryAsync(ct);
            found = false;
        }

        if (!found)
        {
            await using var create = server.CreateCommand($"create database \"{name}\"");
            await create.ExecuteNonQueryAsync(ct);
        }
    }

    private async Task StartMarketplaceAsync(CancellationToken ct)
    {
        marketplace = SimulatorHost.Build(
            new SimulatorOptions
            {
                Url = Ports.MarketplaceUrl,
                SellerCallbackUrl = $"{Ports.BillingCenterUrl}/marketplace/huawei/v2/produce",
                // The old protocol is tried only where the Billing Center has it switched on.
                SellerCallbackUrlV1 = options.Settings.GetValueOrDefault("HuaweiMarketplace:V1:Enabled") is "true"
                    ? $"{Ports.BillingCenterUrl}/marketplace/huawei/v1/produce"
                    : null,
                Collection = string.Equals(options.Settings.GetValueOrDefault("HuaweiMarketplace:Usage:Window"), "hourly", StringComparison.OrdinalIgnoreCase)
                    ? CollectionCycle.Hourly
                    : CollectionCycle.Daily,
                RetryScale = options.MarketRetryScale,
                QueryPollInterval = TimeSpan.FromMilliseconds(300),
                StateFile = Path.Combine(options.DataFolder, "marketplace.json"),
            },
            clock,
            AdvanceAsync);
        await marketplace.StartAsync(ct);
    }

    private sealed class WorldClockMover(World world) : IClockMover
    {
        public Task AdvanceAsync(TimeSpan by, CancellationToken ct) => world.AdvanceAsync(by, ct);
    }
}
