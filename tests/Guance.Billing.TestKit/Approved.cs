using System.Runtime.CompilerServices;

namespace Guance.Billing.TestKit;

/// <summary>What must not change by accident, as text: a change is seen in the approved file's diff.</summary>
public static class Approved
{
    /// <summary>The lines are those of the approved file beside the test; else the failure says what differs, and how to approve it.</summary>
    /// <exception cref="NotApprovedException">They are not.</exception>
    public static void ShouldEqual(string file, IEnumerable<string> lines, string why, [CallerFilePath] string test = "")
    {
        var received = lines.ToArray();
        var approved = Path.Combine(Path.GetDirectoryName(test)!, file);
        var differences = Differences(File.ReadAllLines(approved), received);
        if (differences.Count > 0)
        {
            var path = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(file));
            File.WriteAllLines(path, received);
            throw new NotApprovedException($"{string.Join('\n', differences)}\n\n{why} If it is meant:\ncp {path} {approved}");
        }
    }

    /// <summary>Lines that are gone, then lines that are new; and if none is, that their order is another.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<string> approved, IReadOnlyList<string> received)
    {
        string[] differences = [.. approved.Except(received).Select(line => $"- {line}"), .. received.Except(approved).Select(line => $"+ {line}")];
        return differences.Length > 0 || approved.SequenceEqual(received) ? differences : ["The order of lines differs."];
    }
}

/// <summary>What was found is not what was approved.</summary>
/// <param name="message">What differs, and how to approve it.</param>
public sealed class NotApprovedException(string message) : Exception(message);
