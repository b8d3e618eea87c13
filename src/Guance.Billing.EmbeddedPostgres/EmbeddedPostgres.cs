using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Guance.Billing.Postgres;

/// <summary>
/// A PostgreSQL server of this process's own, on 127.0.0.1, made of the server programs that the machine has. It lives as long as this
/// process: it is stopped cleanly by <see cref="DisposeAsync"/>, by the end of the process and by its killing alike; Ctrl-C reaches the
/// process and not the server. What an earlier run left behind, a server or a half-made folder, is cleared away at the start.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private const string UserName = "billing";
    private const int PortTaken = 3;
    private const int PortTriesMax = 5;

    /// <summary>The script stops the server within 40 s.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(45);

    private readonly Process _supervisor;
    private readonly FileStream _lock;
    private readonly string _password;
    private bool _disposed;

    private EmbeddedPostgres(Process supervisor, FileStream folderLock, string folder, string password, int port, int processId)
    {
        _supervisor = supervisor;
        _lock = folderLock;
        _password = password;
        Folder = folder;
        Port = port;
        ProcessId = processId;
    }

    /// <summary>The folder in use: the one asked for, or its stand-in under /var/tmp.</summary>
    public string Folder { get; }

    /// <summary>The TCP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The process id of the server.</summary>
    public int ProcessId { get; }

    internal int SupervisorProcessId => _supervisor.Id;

    /// <summary>Starts a server and returns when it answers: about 3 s on an empty folder, 1 s on data that is there.</summary>
    /// <exception cref="EmbeddedPostgresException">It cannot start; the message says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (OperatingSystem.IsWindows())
            throw new EmbeddedPostgresException("The embedded PostgreSQL needs Linux or macOS: set ConnectionStrings__Billing to a server that runs already.");

        var wanted = Path.GetFullPath(options.Folder);
        var account = await ServerAccount.ChooseAsync(wanted, cancellationToken);
        var folder = await ServerFolder.PrepareAsync(wanted, account, cancellationToken);
        var folderLock = ServerFolder.Lock(folder);
        try
        {
            var versionFile = Path.Combine(folder, "data", "PG_VERSION");
            var dataVersion = File.Exists(versionFile) && !options.Fresh ? (await File.ReadAllTextAsync(versionFile, cancellationToken)).Trim() : null;
            var binaries = ServerBinaries.Find(Environment.GetEnvironmentVariable("PG_BIN"), dataVersion);

            for (var tries = 1; ; tries++)
            {
                var port = options.Port == 0 ? FreePort() : options.Port;
                var supervisor = ServerAccount.Start(account.Command(
                    "sh", "-c", Script(), "guance-postgres", binaries, folder, $"{Configuration(port, options.Durability)}\n{options.Settings}\n",
                    options.Durability == Durability.TestOnly ? "--no-sync" : "", options.DeleteWhenStopped ? "delete" : "keep", options.Fresh ? "fresh" : "keep",
                    options.StandbyOf is { } primary ? string.Create(CultureInfo.InvariantCulture, $"{primary.Port} {primary.Folder}") : ""));
                var processId = await ReadyAsync(supervisor, options, lastTry: options.Port != 0 || tries == PortTriesMax, port, cancellationToken);
                if (processId is null)
                    continue;

                var password = await File.ReadAllTextAsync(Path.Combine(folder, "password"), cancellationToken);
                return new EmbeddedPostgres(supervisor, folderLock, folder, password, port, processId.Value);
            }
        }
        catch
        {
            await folderLock.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to reach a database of this server, whether it exists or not.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder(ServerConnectionString) { Database = database }.ConnectionString;

    /// <summary>How to reach this server as its superuser, no database named.</summary>
    public string ServerConnectionString =>
        new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = Port, Username = UserName, Password = _password }.ConnectionString;

    /// <summary>Creates an empty database unless there is one of that name; safe to call from several places at once.</summary>
    public async Task CreateDatabaseIfMissingAsync(string name, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString("postgres")) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
            return;

        using var builder = new NpgsqlCommandBuilder();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {builder.QuoteIdentifier(name)}", connection);
        try
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another caller was faster.
        }
    }

    /// <summary>Has every commit wait until a standby has it, too; returns when a standby follows and keeps up.</summary>
    public async Task WaitForStandbyAtEachCommitAsync(CancellationToken cancellationToken = default)
    {
        await using var server = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using (var wait = server.CreateBatch())
        {
            wait.BatchCommands.Add(new("ALTER SYSTEM SET synchronous_standby_names = '*'"));
            wait.BatchCommands.Add(new("SELECT pg_reload_conf()"));
            await wait.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var follows = server.CreateCommand("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')");
        while (await follows.ExecuteScalarAsync(cancellationToken) is not true)
            await Task.Delay(100, cancellationToken);
    }

    /// <summary>Makes a standby a server that writes; returns when it does.</summary>
    public async Task PromoteAsync(CancellationToken cancellationToken = default)
    {
        await using var server = NpgsqlDataSource.Create(ConnectionString("postgres"));
        await using var promote = server.CreateCommand("SELECT pg_promote()");
        if (await promote.ExecuteScalarAsync(cancellationToken) is not true)
            throw new EmbeddedPostgresException($"The standby was not promoted in time: see {Folder}/server.log.");
    }

    /// <summary>Cuts clients off, writes all down and stops the server; returns when it has stopped.</summary>
    /// <exception cref="EmbeddedPostgresException">It did not stop in time.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;

        try
        {
            _supervisor.StandardInput.Close();
            await _supervisor.WaitForExitAsync(new CancellationTokenSource(StopLimit).Token);
        }
        catch (OperationCanceledException e)
        {
            throw new EmbeddedPostgresException($"The PostgreSQL server (process {ProcessId}) did not stop within {StopLimit.TotalSeconds:0} s: see {Folder}/server.log, and stop it by hand.", e);
        }
        finally
        {
            _supervisor.Dispose();
            await _lock.DisposeAsync();
        }
    }

    /// <summary>The server's process id, or null when the port was taken and another one may be tried.</summary>
    private static async Task<int?> ReadyAsync(Process supervisor, EmbeddedPostgresOptions options, bool lastTry, int port, CancellationToken cancellationToken)
    {
        var errors = supervisor.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            while (await supervisor.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                var (word, rest) = line.Split(' ', 2) is [var first, var second] ? (first, second) : (line, "");
                if (word == "ready")
                    return int.Parse(rest, CultureInfo.InvariantCulture);
                if (word == "progress")
                    options.Progress?.Invoke(rest);
            }

            await supervisor.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The script stops what it has started as soon as its input ends.
            supervisor.StandardInput.Close();
            supervisor.Dispose();
            throw;
        }

        var exitCode = supervisor.ExitCode;
        supervisor.Dispose();
        if (exitCode == PortTaken)
            return lastTry ? throw new EmbeddedPostgresException($"Port {port} on 127.0.0.1 is taken: stop what listens there, or choose another port (build/up --port N).") : null;

        throw new EmbeddedPostgresException($"PostgreSQL did not start. It said:{Environment.NewLine}{await errors}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Script()
    {
        using var reader = new StreamReader(typeof(EmbeddedPostgres).Assembly.GetManifestResourceStream("supervise.sh")!, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The whole postgresql.conf, for a machine of about 2 cores that does other work as well.</summary>
    private static string Configuration(int port, Durability durability) =>
        string.Create(CultureInfo.InvariantCulture, $"""
            # Written anew at every start: a change here is lost.
            listen_addresses = '127.0.0.1'
            port = {port}
            unix_socket_directories = ''
            password_encryption = 'scram-sha-256'
            max_connections = 200
            max_locks_per_transaction = 128
            shared_buffers = 128MB
            work_mem = 8MB
            maintenance_work_mem = 64MB
            effective_cache_size = 1GB
            random_page_cost = 1.1
            max_parallel_workers_per_gather = 1
            max_wal_size = 2GB
            checkpoint_timeout = 15min
            wal_compression = on
            # Compiling costs more than the short queries here take.
            jit = off
            timezone = 'UTC'
            log_timezone = 'UTC'
            log_line_prefix = '%m [%p] %d '

            """)
        + durability switch
        {
            Durability.Full => "",
            // Commits still wait until the operating system has them, so that killed servers lose nothing in tests either.
            Durability.TestOnly => """
                fsync = off
                full_page_writes = off
                wal_level = minimal
                max_wal_senders = 0

                """,
            _ => throw new ArgumentOutOfRangeException(nameof(durability), durability, "Unknown durability."),
        };
}
