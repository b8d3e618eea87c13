namespace Guance.Billing.Story.Tests;

/// <summary>PostgreSQL of a world that can be hurt.</summary>
internal interface IDatabaseServers : IAsyncDisposable
{
    /// <summary>How the servers are reached as superuser, no database named: whichever writes.</summary>
    string ConnectionString { get; }

    /// <summary>Kills the server that writes, and has it back; returns when the servers are as before, one of them writing.</summary>
    /// <param name="signal"><c>QUIT</c>: all its processes end without writing anything. <c>KILL</c>: its first process is gone, and the others notice.</param>
    Task CrashAsync(string signal);

    /// <summary>Kills the server that writes, for good; returns when another one writes.</summary>
    Task FailOverAsync();

    /// <summary>Backs up, if that is what a lost disk is restored from; an earlier backup goes.</summary>
    void BackUp();

    /// <summary>Loses the disk of the server that writes, once all it did is elsewhere, and restores it.</summary>
    Task LoseDiskAsync();
}
