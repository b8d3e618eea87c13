namespace Guance.Billing.Postgres;

/// <summary>What a power cut may cost.</summary>
public enum Durability
{
    /// <summary>Nothing that was committed is lost.</summary>
    Full,

    /// <summary>Nothing is flushed to disk: several times faster, and a power cut may destroy all data. A killed server still loses nothing.</summary>
    TestOnly,
}

/// <summary>Where and how an embedded server runs.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>
    /// Folder that holds the data, the password and the log; created when missing. When the process runs as root and the server's user
    /// cannot reach it, a folder under <c>/var/tmp</c> is used and named in <c>FOLDER.location</c>.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>TCP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>What a power cut may cost.</summary>
    public Durability Durability { get; init; } = Durability.Full;

    /// <summary>Further lines of postgresql.conf.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Deletes all data before the start.</summary>
    public bool Fresh { get; init; }

    /// <summary>
    /// A server that runs: this one begins as its copy, follows it, and answers reads until it is promoted (<see cref="EmbeddedPostgres.PromoteAsync"/>). Taken at the first
    /// start of an empty folder; needs <see cref="Durability.Full"/> of both.
    /// </summary>
    public EmbeddedPostgres? StandbyOf { get; init; }

    /// <summary>Deletes the folder once the server has stopped, also when this process is killed.</summary>
    public bool DeleteWhenStopped { get; init; }

    /// <summary>Told in a sentence what takes time.</summary>
    public Action<string>? Progress { get; init; }
}

/// <summary>The embedded server cannot do what was asked; the message says why and what to do.</summary>
public sealed class EmbeddedPostgresException : Exception
{
    /// <summary>With what happened and what to do.</summary>
    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    /// <summary>With what happened and what to do, and the cause.</summary>
    public EmbeddedPostgresException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Without words.</summary>
    public EmbeddedPostgresException()
    {
    }
}
