using System.Diagnostics;

namespace Guance.Billing.Postgres;

/// <summary>The user that the server runs as: this process's own, or another one when this process is root, as which PostgreSQL refuses to run.</summary>
internal sealed record ServerAccount(string[] Prefix, string? Owner)
{
    /// <summary>The owner of data that exists, else the system's PostgreSQL user, else <c>nobody</c>.</summary>
    public static async Task<ServerAccount> ChooseAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return new ServerAccount([], Owner: null);

        var self = new ServerAccount([], Owner: null);
        string[][] questions = [["stat", "-c", "%u:%g", Path.Combine(folder, "data")], ["sh", "-c", "echo $(id -u postgres):$(id -g postgres)"], ["sh", "-c", "echo $(id -u nobody):$(id -g nobody)"]];
        foreach (var question in questions)
        {
            var (exitCode, output) = await self.RunAsync(question, cancellationToken);
            var ids = output.Trim().Split(':');
            if (exitCode == 0 && ids is [{ Length: > 0 } user, { Length: > 0 } group] && user != "0")
                return new ServerAccount(["setpriv", "--reuid", user, "--regid", group, "--clear-groups", "--"], $"{user}:{group}");
        }

        throw new EmbeddedPostgresException("PostgreSQL refuses to run as root, and this machine has neither a user postgres nor a user nobody: create one (useradd --system postgres), or run as another user.");
    }

    /// <summary>How to start a command as this user, its input and outputs redirected, and none of the caller's PostgreSQL settings seen by it.</summary>
    public ProcessStartInfo Command(params IEnumerable<string> words)
    {
        string[] all = [.. Prefix, .. words];
        var start = new ProcessStartInfo(all[0], all[1..])
        {
            // A folder that every user can stand in.
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Runs a short command as this user; its output is what it wrote to both outputs.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> words, CancellationToken cancellationToken)
    {
        using var process = Start(Command(words));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await errors);
    }

    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new EmbeddedPostgresException($"{start.FileName} did not start.");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new EmbeddedPostgresException($"The embedded PostgreSQL needs the program {start.FileName}, which did not start ({e.Message}): install it (setpriv is in util-linux), or set ConnectionStrings__Billing.", e);
        }
    }
}
