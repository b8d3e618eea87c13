using System.Globalization;
using System.Runtime.CompilerServices;
using Guance.Billing.Postgres;
using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>One server of the world's own with an archive of all it does, if wanted with a standby that has every commit.</summary>
internal sealed class TheServers : IDatabaseServers
{
    private readonly string folder;
    private readonly EmbeddedPostgresOptions options;
    private EmbeddedPostgres postgres = null!;
    private EmbeddedPostgres? standby;

    private TheServers(string folder)
    {
        this.folder = folder;
        // The server's user writes here, who may be another one.
        Directory.CreateDirectory(Archive);
        Programs.Run("chmod", "777", Archive);
        options = new()
        {
            Folder = Path.Combine(folder, "postgres"), Port = Ports.Free(),
            Settings = $"archive_mode = on\narchive_command = 'test ! -f \"{Archive}/%f\" && cp \"%p\" \"{Archive}/%f\"'",
        };
    }

    public string ConnectionString
    {
        get
        {
            var connection = new NpgsqlConnectionStringBuilder(postgres.ServerConnectionString);
            if (standby is not null)
            {
                connection.Host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{postgres.Port},127.0.0.1:{standby.Port}");
                connection.TargetSessionAttributes = "primary";
                connection.HostRecheckSeconds = 1;
            }

            return connection.ConnectionString;
        }
    }

    private string Archive => Path.Combine(folder, "archive");

    private string Backup => Path.Combine(folder, "backup");

    /// <summary>Starts them in a folder that the server's user can reach.</summary>
    public static async Task<TheServers> StartAsync(string folder, bool withStandby)
    {
        var servers = new TheServers(folder);
        servers.postgres = await EmbeddedPostgres.StartAsync(servers.options);
        if (withStandby)
        {
            servers.standby = await EmbeddedPostgres.StartAsync(new() { Folder = Path.Combine(folder, "standby"), StandbyOf = servers.postgres });
            await servers.postgres.WaitForStandbyAtEachCommitAsync();
        }

        return servers;
    }

    public async Task CrashAsync(string signal)
    {
        await KillAsync(signal);
        postgres = await EmbeddedPostgres.StartAsync(options);
    }

    public async Task FailOverAsync()
    {
        await KillAsync("KILL");
        await standby!.PromoteAsync();
    }

    public void BackUp()
    {
        Programs.Run("rm", "-rf", Backup);
        var server = new NpgsqlConnectionStringBuilder(postgres.ServerConnectionString);
        Programs.Run(Script("back-up"), string.Create(CultureInfo.InvariantCulture, $"host=127.0.0.1 port={server.Port} user={server.Username} password={server.Password}"), Backup);
    }

    public Task LoseDiskAsync() => RestoreAsync(upTo: null);

    /// <summary>Loses the disk once all the server did is in the archive, and restores it from the backup and the archive: to its end, or up to an instant after the backup.</summary>
    public async Task RestoreAsync(DateTimeOffset? upTo)
    {
        await using (var server = NpgsqlDataSource.Create(postgres.ConnectionString("postgres")))
        {
            await using var end = server.CreateCommand("select pg_walfile_name(pg_switch_wal())");
            var last = (string)(await end.ExecuteScalarAsync())!;
            await using var archived = server.CreateCommand("select last_archived_wal >= $1 from pg_stat_archiver");
            archived.Parameters.Add(new() { Value = last });
            await UntilAsync($"{last} is archived", async () => await archived.ExecuteScalarAsync() is true, isArchived => isArchived);
        }

        await KillAsync("KILL");
        var data = Path.Combine(postgres.Folder, "data");
        Programs.Run("mv", data, data + ".lost");
        Programs.Run(Script("restore"), [Backup, Archive, data, .. upTo is { } instant ? [instant.ToString("yyyy-MM-dd HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture)] : Array.Empty<string>()]);
        Programs.Run("chown", "-R", $"--reference={data}.lost", data);
        Programs.Run("rm", "-rf", data + ".lost");
        postgres = await EmbeddedPostgres.StartAsync(options);
    }

    public async ValueTask DisposeAsync()
    {
        if (standby is not null)
        {
            await standby.DisposeAsync();
        }

        await postgres.DisposeAsync();
    }

    private static string Script(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "deploy", "backup", name);

    private async Task KillAsync(string signal)
    {
        Programs.Run("kill", $"-{signal}", postgres.ProcessId.ToString(CultureInfo.InvariantCulture));
        await postgres.DisposeAsync();
    }
}
