using System.Runtime.Versioning;

[assembly: UnsupportedOSPlatform("windows")]

namespace Guance.Billing.Postgres.Tests;

/// <summary>A folder that any user can pass through and write to; gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("guance-embedded-").FullName;
        File.SetUnixFileMode(Path, (UnixFileMode)0b1_111_111_111);
    }

    public string Path { get; }

    public void Dispose()
    {
        const int attemptsMax = 50;
        for (var attempt = 1; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < attemptsMax)
            {
                // A server that a test killed the parent of deletes its own folder at the same time.
            }
        }
    }
}
