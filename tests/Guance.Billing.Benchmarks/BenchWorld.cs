using System.Globalization;
using Guance.Billing.Platform.Data;
using Guance.Billing.TestKit;
using Guance.Billing.World;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>A whole world over HTTP, with one site unless told; its databases go with it.</summary>
internal sealed class BenchWorld : IAsyncDisposable
{
    public const string Site = "cn4";

    private readonly string folder;
    private readonly string prefix;

    private BenchWorld(World.World world, string folder, string prefix) => (World, this.folder, this.prefix) = (world, folder, prefix);

    public World.World World { get; }

    public static async Task<BenchWorld> StartAsync(string name, CancellationToken ct, params IReadOnlyList<string> sites)
    {
        var data = Directory.CreateTempSubdirectory($"guance-{name}-").FullName;
        var databases = string.Create(CultureInfo.InvariantCulture, $"{name}_{Environment.ProcessId}_");
        var world = await Billing.World.World.StartAsync(
            new WorldOptions
            {
                DataFolder = data, FreePorts = true, Fresh = true, Sites = [.. (sites.Count == 0 ? [Site] : sites).Select(SiteCode.Of)], ServerConnectionString = await TestDatabase.ServerAsync(), DatabasePrefix = databases,
                Settings = new Dictionary<string, string?> { ["Serilog:MinimumLevel:Default"] = "Error" },
            },
            ct);
        return new(world, data, databases);
    }

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(await TestDatabase.ServerAsync()) { Database = "postgres" }.ConnectionString);
        foreach (var database in World.Sites.Select(site => site.Value).Prepend("billing_center"))
        {
            await using var drop = server.Command($"drop database if exists {prefix}{database} with (force)");
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }
}
