using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace Guance.Billing.Postgres;

/// <summary>The folder that a server's data, password and log live in.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ServerFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder wanted, made for the server's user; or, when that user cannot reach it, one under /var/tmp, always the same for the same folder.</summary>
    public static async Task<string> PrepareAsync(string wanted, ServerAccount account, CancellationToken cancellationToken)
    {
        if (Path.GetDirectoryName(wanted) is { } parent)
            Directory.CreateDirectory(parent);

        if (account.Owner is null)
        {
            Directory.CreateDirectory(wanted, OwnerOnly);
            return wanted;
        }

        var location = wanted + ".location";
        var elsewhere = ElsewhereFor(wanted);
        if (!File.Exists(location))
        {
            Directory.CreateDirectory(wanted, OwnerOnly);
            if (await SucceedsAsync(new ServerAccount([], Owner: null), ["chown", "-h", account.Owner, wanted], cancellationToken)
                && await SucceedsAsync(account, ["sh", "-c", "cd \"$1\" && test -w .", "sh", wanted], cancellationToken))
                return wanted;

            if (Directory.EnumerateFileSystemEntries(wanted).Any())
                throw new EmbeddedPostgresException($"{wanted} holds data, and the user {account.Owner} that the server runs as cannot reach it: let it pass through the folders above, or remove {wanted} to start empty.");
            Directory.Delete(wanted);
        }

        // Anyone may have put something of that name into a folder that all can write to: it must be the server user's own, and no link.
        if (!await SucceedsAsync(account, ["sh", "-c", "umask 077; mkdir -p \"$1\" && test ! -L \"$1\" && test -O \"$1\"", "sh", elsewhere], cancellationToken))
            throw new EmbeddedPostgresException($"The user {account.Owner} that the server runs as can reach neither {wanted} nor a folder of its own at {elsewhere}: free one of the two.");

        await File.WriteAllTextAsync(location, elsewhere + Environment.NewLine, cancellationToken);
        return elsewhere;
    }

    internal static string ElsewhereFor(string wanted) =>
        string.Create(CultureInfo.InvariantCulture, $"/var/tmp/guance-billing-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..12]}");

    /// <summary>Held as long as this process uses the folder; gone with the process, however it ends.</summary>
    /// <exception cref="EmbeddedPostgresException">Another living process holds it.</exception>
    public static FileStream Lock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new EmbeddedPostgresException($"{folder} belongs to another user: run as that user, or remove the folder, or use another one.", e);
        }
        catch (IOException e)
        {
            throw new EmbeddedPostgresException($"Another process that still runs uses the data in {folder}: stop it first (Ctrl-C in its terminal).", e);
        }
    }

    private static async Task<bool> SucceedsAsync(ServerAccount account, string[] words, CancellationToken cancellationToken) =>
        (await account.RunAsync(words, cancellationToken)).ExitCode == 0;
}
