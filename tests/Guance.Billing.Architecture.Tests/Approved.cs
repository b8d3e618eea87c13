namespace Guance.Billing.Architecture.Tests;

/// <summary>What must not change by accident, as text: a change is seen in the approved file's diff.</summary>
internal static class Approved
{
    /// <summary>The lines are those of the approved file; else the failure says what differs, and how to approve it.</summary>
    public static void ShouldEqual(string file, IEnumerable<string> lines)
    {
        var received = lines.ToArray();
        var approved = File.ReadAllLines(Path.Combine(Code.SourceFolder, "tests", "Guance.Billing.Architecture.Tests", file));
        var differences = Differences(approved, received);
        if (differences.Count > 0)
        {
            var path = Path.Combine(AppContext.BaseDirectory, file);
            File.WriteAllLines(path, received);
            Assert.Fail(
                $"{string.Join('\n', differences)}\n\nOthers depend on it: deployments of another version, and events that are stored. If it is meant:\n"
                + $"cp {Path.GetRelativePath(Code.SourceFolder, path)} tests/Guance.Billing.Architecture.Tests/{file}");
        }
    }

    /// <summary>Lines that are gone, then lines that are new; and if none is, that their order is another.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<string> approved, IReadOnlyList<string> received)
    {
        string[] differences = [.. approved.Except(received).Select(line => $"- {line}"), .. received.Except(approved).Select(line => $"+ {line}")];
        return differences.Length > 0 || approved.SequenceEqual(received) ? differences : ["The order of lines differs."];
    }
}
