using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Postgres.Tests;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly TemporaryFolder _temporary = new();

    private string Folder => Path.Combine(_temporary.Path, "postgres");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_server_on_an_empty_folder_answers_and_creates_a_database_once()
    {
        await using var server = await StartAsync();

        await server.CreateDatabaseIfMissingAsync("Center \"1\"", Cancel);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.CreateDatabaseIfMissingAsync("Center \"1\"", Cancel)));

        (await ScalarAsync(server, "Center \"1\"", "SELECT current_database()")).ShouldBe("Center \"1\"");
    }

    [Fact]
    public async Task Only_the_password_opens_the_server_and_only_its_owner_can_read_it()
    {
        await using var server = await StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")) { Password = "guess", Pooling = false };

        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        (await Should.ThrowAsync<PostgresException>(() => connection.OpenAsync(Cancel))).SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);

        File.GetUnixFileMode(Path.Combine(server.Folder, "password")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_second_start_keeps_the_data()
    {
        await using (var first = await StartAsync())
            await ScalarAsync(first, "postgres", "CREATE TABLE kept AS SELECT 42 AS value");

        await using var second = await StartAsync();

        (await ScalarAsync(second, "postgres", "SELECT value FROM kept")).ShouldBe(42);
        (await LogAsync(second)).ShouldNotContain("not properly shut down");
    }

    [Fact]
    public async Task A_standby_has_all_that_was_committed_when_the_first_server_is_killed_and_writes_once_it_is_promoted()
    {
        await using var first = await StartAsync(options => options with { Durability = Durability.Full });
        await using var standby = await EmbeddedPostgres.StartAsync(new() { Folder = Path.Combine(_temporary.Path, "standby"), StandbyOf = first }, Cancel);
        await first.WaitForStandbyAtEachCommitAsync(Cancel);
        await ScalarAsync(first, "postgres", "CREATE TABLE kept AS SELECT 42 AS value");
        (await Should.ThrowAsync<PostgresException>(() => ScalarAsync(standby, "postgres", "CREATE TABLE refused (value int)"))).SqlState.ShouldBe(PostgresErrorCodes.ReadOnlySqlTransaction);

        Kill("KILL", first.ProcessId);
        await standby.PromoteAsync(Cancel);

        (await ScalarAsync(standby, "postgres", "INSERT INTO kept SELECT sum(value) FROM kept RETURNING value")).ShouldBe(42);
    }

    [Fact]
    public async Task A_fresh_start_is_empty()
    {
        await using (var first = await StartAsync())
            await first.CreateDatabaseIfMissingAsync("old", Cancel);

        await using var second = await StartAsync(options => options with { Fresh = true });

        (await ScalarAsync(second, "postgres", "SELECT count(*) FROM pg_database WHERE datname = 'old'")).ShouldBe(0L);
    }

    [Fact]
    public async Task What_was_committed_survives_the_killing_of_the_server()
    {
        await using (var first = await StartAsync())
        {
            await ScalarAsync(first, "postgres", "CREATE TABLE kept AS SELECT 42 AS value");
            Kill("KILL", first.ProcessId);
        }

        await using var second = await StartAsync();

        (await ScalarAsync(second, "postgres", "SELECT value FROM kept")).ShouldBe(42);
    }

    [Fact]
    public async Task Commits_are_flushed_unless_the_server_is_for_tests_only()
    {
        const string Settings = "SELECT concat_ws(' ', current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'))";
        await using (var durable = await StartAsync(options => options with { Durability = Durability.Full }))
            (await ScalarAsync(durable, "postgres", Settings)).ShouldBe("on on on");

        await using var forTests = await StartAsync(options => options with { Durability = Durability.TestOnly });
        (await ScalarAsync(forTests, "postgres", Settings)).ShouldBe("off off on");
    }

    [Fact]
    public async Task A_server_that_outlived_its_parent_and_its_guard_is_stopped_and_its_data_used()
    {
        await using var left = await StartAsync();
        await ScalarAsync(left, "postgres", "CREATE TABLE kept AS SELECT 42 AS value");
        Kill("KILL", left.SupervisorProcessId);
        await left.DisposeAsync();
        IsOpen(left.Port).ShouldBeTrue();

        var said = new List<string>();
        await using var second = await StartAsync(options => options with { Port = left.Port, Progress = said.Add });

        said.ShouldHaveSingleItem().ShouldContain(left.ProcessId.ToString(CultureInfo.InvariantCulture));
        second.ProcessId.ShouldNotBe(left.ProcessId);
        (await ScalarAsync(second, "postgres", "SELECT value FROM kept")).ShouldBe(42);
    }

    [Fact]
    public async Task The_process_id_of_a_former_server_may_belong_to_another_process_now()
    {
        await using var other = await StartAsync(options => options with { Folder = Folder + "-other" });
        string folder;
        await using (var first = await StartAsync())
            folder = first.Folder;
        await File.WriteAllTextAsync(Path.Combine(folder, "data", "postmaster.pid"), $"{other.ProcessId}\n{folder}/data\n", Cancel);

        await using var second = await StartAsync();

        (await ScalarAsync(second, "postgres", "SELECT 1")).ShouldBe(1);
        (await ScalarAsync(other, "postgres", "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task An_interrupted_creation_is_not_taken_for_data()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "data.new"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "data.new", "PG_VERSION"), "15", Cancel);
        File.SetUnixFileMode(Path.Combine(Folder, "data.new"), (UnixFileMode)0b111_111_111);

        await using var server = await StartAsync();

        (await ScalarAsync(server, "postgres", "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_and_the_server_there_goes_on()
    {
        await using var first = await StartAsync();

        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync())).Message.ShouldContain("stop it first");

        (await ScalarAsync(first, "postgres", "SELECT 1")).ShouldBe(1);
    }

    [Fact]
    public async Task A_taken_port_is_refused_with_what_to_do()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        (await Should.ThrowAsync<EmbeddedPostgresException>(() => StartAsync(options => options with { Port = port }))).Message.ShouldContain("choose another port");
    }

    [Fact]
    public async Task Folders_that_the_servers_user_cannot_reach_are_replaced_by_one_that_it_can_and_data_stays_there()
    {
        // Only root runs the server as another user; anyone else reaches what is its own.
        File.SetUnixFileMode(_temporary.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var first = await StartAsync();
        await first.CreateDatabaseIfMissingAsync("kept", Cancel);
        await first.DisposeAsync();

        await using (var second = await StartAsync(options => options with { DeleteWhenStopped = true }))
        {
            (await ScalarAsync(second, "kept", "SELECT current_database()")).ShouldBe("kept");
            second.Folder.ShouldBe(Environment.IsPrivilegedProcess ? ServerFolder.ElsewhereFor(Folder) : Folder);
        }

        Directory.Exists(first.Folder).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Parents))]
    public async Task The_server_goes_when_its_parent_is_killed(string[] asUser)
    {
        // A copy, since the build's own folder may be closed to others.
        var programs = Directory.CreateDirectory(Path.Combine(_temporary.Path, "programs")).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(programs, Path.GetFileName(file)));

        using var parent = await ParentAsync([.. asUser, Path.Combine(programs, Path.GetFileName(Cli))]);
        IsOpen(parent.Port).ShouldBeTrue();

        Kill("KILL", parent.ProcessId);

        await Eventually.Until(() => !IsOpen(parent.Port));
    }

    [Fact]
    public async Task Ctrl_C_stops_the_server_cleanly()
    {
        // A session of its own stands for the terminal: the signal goes to its whole process group. Tests that run in the background of a
        // shell are told to ignore Ctrl-C, and what they start would be, too.
        using var parent = await ParentAsync(["env", "--default-signal=INT", "setsid", Cli, Folder]);
        Kill("INT", -parent.ProcessId);
        await Eventually.Until(() => parent.HasExited);
        IsOpen(parent.Port).ShouldBeFalse();

        await using var second = await StartAsync();
        (await LogAsync(second)).ShouldNotContain("not properly shut down");
    }

    [Fact]
    public async Task A_folder_that_is_deleted_when_stopped_goes_when_its_parent_is_killed()
    {
        using var parent = await ParentAsync([Cli], temporary: _temporary.Path);
        Directory.EnumerateDirectories(_temporary.Path).Where(folder => File.Exists(Path.Combine(folder, "server.log"))).ShouldHaveSingleItem();

        Kill("KILL", parent.ProcessId);

        await Eventually.Until(() => !Directory.EnumerateDirectories(_temporary.Path).Any(folder => File.Exists(Path.Combine(folder, "server.log"))));
    }

    /// <summary>As oneself; and, when root, as an ordinary user who runs the server as itself, if the .NET runtime is open to others.</summary>
    public static TheoryData<string[]> Parents()
    {
        string[] nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
        return Environment.IsPrivilegedProcess && Succeeds([.. nobody, "test", "-r", typeof(object).Assembly.Location]) ? new([[], nobody]) : new([[]]);
    }

    private static string Cli => Path.Combine(AppContext.BaseDirectory, "Guance.Billing.PostgresCli");

    private Task<EmbeddedPostgres> StartAsync(Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null)
    {
        var options = new EmbeddedPostgresOptions { Folder = Folder, Durability = Durability.TestOnly };
        return EmbeddedPostgres.StartAsync(change is null ? options : change(options), Cancel);
    }

    private static async Task<object?> ScalarAsync(EmbeddedPostgres server, string database, string sql)
    {
        // No pool: a pooled connection would outlive its server.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.ConnectionString(database)) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }

    private static Task<string> LogAsync(EmbeddedPostgres server) => File.ReadAllTextAsync(Path.Combine(server.Folder, "server.log"), Cancel);

    private static bool IsOpen(int port)
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Kill(string signal, int process) =>
        Succeeds(["kill", "-s", signal, "--", process.ToString(CultureInfo.InvariantCulture)]).ShouldBeTrue();

    private static bool Succeeds(string[] words)
    {
        using var process = Process.Start(words[0], words[1..]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private async Task<Parent> ParentAsync(string[] words, string? temporary = null)
    {
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["TMPDIR"] = temporary ?? _temporary.Path;
        var process = Process.Start(start)!;
        var connectionString = await process.StandardOutput.ReadLineAsync(Cancel);
        connectionString.ShouldNotBeNull(await (connectionString is null ? process.StandardError.ReadToEndAsync(Cancel) : Task.FromResult("")));
        return new Parent(process, new NpgsqlConnectionStringBuilder(connectionString).Port);
    }

    private sealed class Parent(Process process, int port) : IDisposable
    {
        public int Port => port;

        public int ProcessId => process.Id;

        public bool HasExited => process.HasExited;

        public void Dispose()
        {
            process.Kill();
            process.Dispose();
        }
    }
}
