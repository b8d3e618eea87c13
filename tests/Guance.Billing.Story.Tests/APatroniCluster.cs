using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// Two database machines under Patroni, with the settings that the deployment page recommends: they agree by etcd on the one that writes, and a commit is on both. A machine that dies takes its
/// Patroni and its PostgreSQL with it at one instant. <c>PATRONI</c> and <c>ETCD</c> name the programs, if they are not on the path; <c>PG_BIN</c> the folder of PostgreSQL's.
/// </summary>
internal sealed class APatroniCluster : IDatabaseServers
{
    private const string User = "billing";
    private const string Password = "torture";

    /// <summary>Runs a program beside a server that it may start, in the background; once there is nothing more to read, both are killed without asking.</summary>
    private const string Machine =
        """
        log=$1 data=$2; shift 2
        "$@" >>"$log" 2>&1 &
        cat >/dev/null
        kill -KILL $!
        [ ! -s "$data/postmaster.pid" ] || kill -KILL "$(head -n 1 "$data/postmaster.pid")" 2>/dev/null
        wait
        """;

    private readonly string folder;
    private readonly string etcdUrl = Address();
    private readonly Member[] members;
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? etcd;

    private APatroniCluster(string folder)
    {
        this.folder = Directory.CreateDirectory(Path.Combine(folder, "patroni")).FullName;
        // The servers' user writes here, who may be another one.
        Programs.Run("chmod", "777", this.folder);
        members = [.. new[] { "db1", "db2" }.Select(name => new Member(name, Path.Combine(this.folder, name)))];
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = string.Join(',', members.Select(member => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{member.Port}"))),
        Username = User, Password = Password, TargetSessionAttributes = "primary", HostRecheckSeconds = 1,
    }.ConnectionString;

    /// <summary>Starts it in a folder that the servers' user can reach.</summary>
    public static async Task<APatroniCluster> StartAsync(string folder)
    {
        var cluster = new APatroniCluster(folder);
        try
        {
            cluster.etcd = cluster.Start("etcd", "", new Dictionary<string, string>(), Program("ETCD", "etcd"), "--data-dir", Path.Combine(cluster.folder, "etcd"), "--logger", "zap",
                "--listen-client-urls", cluster.etcdUrl, "--advertise-client-urls", cluster.etcdUrl, "--listen-peer-urls", Address());
            foreach (var member in cluster.members)
            {
                cluster.Start(member);
            }

            await cluster.IsWholeAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task CrashAsync(string signal)
    {
        if (signal == "KILL")
        {
            Start(await KillWriterAsync());
        }
        else
        {
            // The machine stays, and with it Patroni, which decides what to do about a server that is gone.
            var before = await WriterNowAsync();
            var pid = await File.ReadAllLinesAsync(Path.Combine(before.Member.Data, "postmaster.pid"));
            Programs.Run("kill", $"-{signal}", pid[0]);
            await UntilAsync("a database machine writes again", WriterAsync, now => now is not null && now != before);
        }

        await IsWholeAsync();
    }

    public Task FailOverAsync() => KillWriterAsync();

    public void BackUp()
    {
        // A machine whose disk is lost is copied from the other one.
    }

    public async Task LoseDiskAsync()
    {
        var lost = await KillWriterAsync();
        Directory.Delete(lost.Data, recursive: true);
        Start(lost);
        await IsWholeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in members)
        {
            await KillAsync(member);
        }

        if (etcd is not null)
        {
            await EndAsync(etcd);
        }

        http.Dispose();
    }

    private static string Program(string variable, string otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } told ? told : otherwise;

    private static string Address() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}");

    private static string Settings([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "deploy", "patroni", "patroni.yml"));

    private static async Task KillAsync(Member member)
    {
        if (member.Process is { } process)
        {
            member.Process = null;
            await EndAsync(process);
        }
    }

    private static async Task EndAsync(Process machine)
    {
        using (machine)
        {
            machine.StandardInput.Close();
            await machine.WaitForExitAsync();
        }
    }

    private void Start(Member member)
    {
        var at = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{member.Port}");
        var restApi = new Uri(member.Url).Authority;
        member.Process = Start(member.Name, member.Data, new Dictionary<string, string>
        {
            ["PATRONI_NAME"] = member.Name,
            ["PATRONI_ETCD3_HOSTS"] = new Uri(etcdUrl).Authority,
            ["PATRONI_RESTAPI_LISTEN"] = restApi,
            ["PATRONI_RESTAPI_CONNECT_ADDRESS"] = restApi,
            ["PATRONI_POSTGRESQL_LISTEN"] = at,
            ["PATRONI_POSTGRESQL_CONNECT_ADDRESS"] = at,
            ["PATRONI_POSTGRESQL_DATA_DIR"] = member.Data,
            ["PATRONI_POSTGRESQL_PGPASS"] = member.Data + ".pgpass",
            ["PATRONI_POSTGRESQL_BIN_DIR"] = Program("PG_BIN", ""),
            ["PATRONI_SUPERUSER_USERNAME"] = User,
            ["PATRONI_SUPERUSER_PASSWORD"] = Password,
            ["PATRONI_REPLICATION_USERNAME"] = "replica",
            ["PATRONI_REPLICATION_PASSWORD"] = Password,
        }, Program("PATRONI", "patroni"), Settings());
    }

    private Process Start(string name, string data, IReadOnlyDictionary<string, string> environment, params string[] program)
    {
        string[] command = ["sh", "-c", Machine, name, Path.Combine(folder, $"{name}.log"), data, .. program];
        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL does not run as root.
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. command];
        }

        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardInput = true, WorkingDirectory = "/" };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>One machine writes, and the other one has every commit.</summary>
    private async Task IsWholeAsync() => await UntilAsync(
        $"two database machines stand (see {folder})",
        async () => await ClusterAsync() is { } cluster ? string.Join(' ', cluster.Select(member => $"{member!["role"]} {member["state"]}").Order(StringComparer.Ordinal)) : "",
        state => state is "leader running sync_standby running" or "leader running sync_standby streaming");

    /// <summary>Kills the machine that writes; returns it when the other one writes.</summary>
    private async Task<Member> KillWriterAsync()
    {
        var before = await WriterNowAsync();
        await KillAsync(before.Member);
        await UntilAsync("the other database machine writes", WriterAsync, now => now is not null);
        return before.Member;
    }

    private async Task<Writer> WriterNowAsync() => await WriterAsync() ?? throw new InvalidOperationException("No database machine writes.");

    /// <summary>The machine that writes now, and since when its server runs.</summary>
    private async Task<Writer?> WriterAsync()
    {
        foreach (var member in members.Where(member => member.Process is not null))
        {
            try
            {
                // Refused by a machine that does not write; without the time while its server has just gone.
                if ((await http.GetFromJsonAsync<JsonNode>(new Uri($"{member.Url}/primary")))?["postmaster_start_time"]?.GetValue<string>() is { } since)
                {
                    return new(member, since);
                }
            }
            catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
            {
                // Or it is not there.
            }
        }

        return null;
    }

    private async Task<JsonArray?> ClusterAsync()
    {
        foreach (var member in members.Where(member => member.Process is not null))
        {
            try
            {
                return (await http.GetFromJsonAsync<JsonNode>(new Uri($"{member.Url}/cluster")))?["members"]?.AsArray();
            }
            catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
            {
                // Ask the other one.
            }
        }

        return null;
    }

    private sealed record Writer(Member Member, string Since);

    private sealed class Member(string name, string data)
    {
        public string Name { get; } = name;

        public string Data { get; } = data;

        public int Port { get; } = Ports.Free();

        /// <summary>Of Patroni's own API.</summary>
        public string Url { get; } = Address();

        /// <summary>Until it is killed.</summary>
        public Process? Process { get; set; }
    }
}
