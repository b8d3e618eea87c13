using System.Diagnostics;
using System.Net;
using System.Text;

namespace Guance.Billing.Story.Tests;

/// <summary>A program of ours as a process of its own, which can be killed without asking; what it writes is kept to be shown.</summary>
internal sealed class AProcess : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder written = new();

    private AProcess(Process process) => this.process = process;

    public bool HasExited => process.HasExited;

    /// <summary>Starts a program that was built beside the tests, or in the folder <c>STORY_PROGRAMS</c>.</summary>
    public static AProcess Start(string program, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var programs = Environment.GetEnvironmentVariable("STORY_PROGRAMS") is { Length: > 0 } folder ? folder : Path.Combine(AppContext.BaseDirectory, "..", "..");
        var start = new ProcessStartInfo(Path.GetFullPath(Path.Combine(programs, program, configuration, program)), arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        var started = new AProcess(new Process { StartInfo = start });
        started.process.OutputDataReceived += (_, line) => started.Keep(line.Data);
        started.process.ErrorDataReceived += (_, line) => started.Keep(line.Data);
        started.process.Start();
        started.process.BeginOutputReadLine();
        started.process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until the deployment that it is says that it is ready.</summary>
    /// <exception cref="InvalidOperationException">It has ended instead; says what it wrote.</exception>
    public async Task ReadyAsync(string name, string url)
    {
        using var person = new Person(url);
        await UntilAsync(
            $"{name} is ready",
            async () =>
            {
                try
                {
                    return (await person.SendAsync(HttpMethod.Get, "/health/ready")).Status;
                }
                catch (HttpRequestException) when (!HasExited)
                {
                    return HttpStatusCode.ServiceUnavailable;
                }
                catch (HttpRequestException failure)
                {
                    throw new InvalidOperationException($"{name} has ended while it was starting:\n{await OutputAsync()}", failure);
                }
            },
            status => status is HttpStatusCode.OK);
    }

    /// <summary>As <c>kill -9</c>; returns once it is gone.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>All that a process that has ended wrote.</summary>
    public async Task<string> OutputAsync()
    {
        await process.WaitForExitAsync();
        lock (written)
        {
            return $"{written}(exit code {process.ExitCode})";
        }
    }

    public void Dispose() => process.Dispose();

    private void Keep(string? line)
    {
        lock (written)
        {
            written.AppendLine(line);
        }
    }
}
