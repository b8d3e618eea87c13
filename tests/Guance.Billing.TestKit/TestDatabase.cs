using System.Globalization;
using System.Security.Cryptography;
using Guance.Billing.Postgres;
using Npgsql;

namespace Guance.Billing.TestKit;

/// <summary>
/// A fresh, empty database of a test's own, dropped when disposed. It lives on the server that TEST_POSTGRES names (a connection string
/// without database, as build/test sets it), else on an embedded server that this process starts once and that goes with it.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Server = new(StartServerAsync);
    private static EmbeddedPostgres? _embedded;
    private static int _count;

    private TestDatabase(string name, string connectionString)
    {
        Name = name;
        ConnectionString = connectionString;
    }

    /// <summary>Unique on its server.</summary>
    public string Name { get; }

    /// <summary>How to reach it, with every detail in errors.</summary>
    public string ConnectionString { get; }

    /// <summary>The connection string of the server that tests use, no database named; the user may create databases.</summary>
    public static Task<string> ServerAsync() => Server.Value;

    /// <summary>Creates a database: tens of milliseconds once the server runs.</summary>
    public static async Task<TestDatabase> CreateAsync(CancellationToken cancellationToken = default)
    {
        var server = await ServerAsync().WaitAsync(cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}_{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        await ExecuteAsync(server, $"CREATE DATABASE {name}", cancellationToken);
        return new TestDatabase(name, new NpgsqlConnectionStringBuilder(server) { Database = name, IncludeErrorDetail = true }.ConnectionString);
    }

    /// <summary>Drops it, whoever is still connected.</summary>
    public async ValueTask DisposeAsync()
    {
        await using (var pooled = new NpgsqlConnection(ConnectionString))
            NpgsqlConnection.ClearPool(pooled);
        await ExecuteAsync(await ServerAsync(), $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)", CancellationToken.None);
    }

    private static async Task ExecuteAsync(string server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Database = "postgres" }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<string> StartServerAsync()
    {
        if (Environment.GetEnvironmentVariable("TEST_POSTGRES") is { Length: > 0 } named)
            return named;

        _embedded = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions
        {
            Folder = Directory.CreateTempSubdirectory("guance-tests-").FullName,
            Durability = Durability.TestOnly,
            DeleteWhenStopped = true,
        });
        return _embedded.ServerConnectionString;
    }
}
