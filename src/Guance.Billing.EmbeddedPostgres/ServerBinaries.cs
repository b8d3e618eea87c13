using System.Diagnostics;
using System.Globalization;

namespace Guance.Billing.Postgres;

/// <summary>Finds PostgreSQL's server programs on this machine.</summary>
internal static class ServerBinaries
{
    private static readonly string[] Programs = ["postgres", "initdb", "pg_ctl"];

    /// <summary>Folders that hold one version's <c>bin</c> each, per version, as packages lay them out; and single folders.</summary>
    private static readonly string[] VersionedRoots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/libexec", "/usr", "/Library/PostgreSQL"];
    private static readonly string[] Folders = ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"];

    /// <summary>The folder with the server programs, of the version that the data was made by when there is data.</summary>
    /// <param name="explicitFolder">The only folder to look at (<c>PG_BIN</c>), or null to search.</param>
    /// <param name="dataVersion">Major version in the data's PG_VERSION, or null when there is no data yet.</param>
    /// <exception cref="EmbeddedPostgresException">No such programs here.</exception>
    public static string Find(string? explicitFolder, string? dataVersion)
    {
        if (!string.IsNullOrEmpty(explicitFolder))
        {
            return HasPrograms(explicitFolder)
                ? explicitFolder
                : throw new EmbeddedPostgresException($"PG_BIN is {explicitFolder}, which does not hold {string.Join(", ", Programs)}: correct it, or unset it to search the usual places.");
        }

        return Choose(Candidates(Environment.GetEnvironmentVariable("PATH") ?? "", VersionedRoots, Folders), dataVersion);
    }

    internal static string Choose(IEnumerable<string> candidates, string? dataVersion)
    {
        var found = candidates.Where(HasPrograms).Select(RealFolder).Distinct(StringComparer.Ordinal).ToList();
        if (found.Count == 0)
        {
            throw new EmbeddedPostgresException(
                "PostgreSQL's server programs were not found on this machine: run build/up, which installs them where it may, or install them "
                + "(Debian, Ubuntu: apt-get install postgresql), or name their folder in PG_BIN, or set ConnectionStrings__Billing to a server that runs already.");
        }

        if (dataVersion is null)
            return found[0];

        return found.Find(folder => VersionOf(folder) == dataVersion)
            ?? throw new EmbeddedPostgresException(
                $"The data was made by PostgreSQL {dataVersion}, and this machine has only {string.Join(", ", found)}: "
                + $"install PostgreSQL {dataVersion}, or start with empty data (build/up --fresh).");
    }

    /// <summary>The path first, then the packages' folders, newest version first.</summary>
    internal static IEnumerable<string> Candidates(string path, IEnumerable<string> versionedRoots, IEnumerable<string> folders) =>
    [
        .. path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        .. versionedRoots
            .Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateDirectories(root))
            .Where(folder => Version(folder) > 0)
            .OrderByDescending(Version)
            .Select(folder => Path.Combine(folder, "bin")),
        .. folders,
    ];

    private static bool HasPrograms(string folder) => Programs.Select(program => Path.Combine(folder, program)).All(path => File.Exists(path) && File.Exists(Resolve(path)));

    /// <summary>What the path leads to over links, since a link to nothing exists as well.</summary>
    private static string Resolve(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    /// <summary>Links on the path lead to one version's folder, where the other programs and the share folder stand.</summary>
    private static string RealFolder(string folder) => Path.GetDirectoryName(Resolve(Path.Combine(folder, "postgres"))) ?? folder;

    /// <summary>15 for <c>…/15</c>, <c>…/postgresql@15</c> and <c>…/pgsql-15</c>; 0 for what is no version of PostgreSQL.</summary>
    private static int Version(string folder)
    {
        var name = Path.GetFileName(folder).Replace("postgresql@", "", StringComparison.Ordinal).Replace("pgsql-", "", StringComparison.Ordinal);
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
    }

    /// <summary>"15" from "postgres (PostgreSQL) 15.18 (Debian …)".</summary>
    private static string VersionOf(string folder)
    {
        using var process = ServerAccount.Start(new ProcessStartInfo(Path.Combine(folder, "postgres"), "--version") { RedirectStandardOutput = true, UseShellExecute = false });
        var words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return words.Length > 2 ? words[2].Split('.', 'b', 'r', 'd')[0] : "";
    }
}
