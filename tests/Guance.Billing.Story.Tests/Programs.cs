using System.Diagnostics;

namespace Guance.Billing.Story.Tests;

/// <summary>Other people's programs, on this machine.</summary>
internal static class Programs
{
    /// <summary>Runs one to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; with what it wrote.</exception>
    public static void Run(string command, params string[] arguments)
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

    /// <summary>Runs one of PostgreSQL's client programs: on the path, or where Debian has them.</summary>
    public static void RunOfPostgres(params string[] command) => Run("sh", ["-c", "PATH=$PATH:$(printf '%s:' /usr/lib/postgresql/*/bin); exec \"$@\"", "sh", .. command]);
}
