using Hangfire;

namespace Violations.Platform;

internal sealed record KnowsContracts(Ordering.Contracts.Fine Fine);

internal sealed record KnowsSites(Sites.Fine Fine);

internal static class SetsStorage
{
    public static void Set(JobStorage storage) => JobStorage.Current = storage;
}

internal static class StaticState
{
    private const int Limit = 1;
    private static readonly string[] Names = ["a"];
    private static readonly List<string> Seen = [];
    private static int count;

    [ThreadStatic]
    private static string? perThread;

    public static string? Current { get; set; }

    public static string Always { get; } = "always";

    public static Func<int, int> Twice() => value => value * Limit * 2 * Names.Length * Seen.Count * count * (perThread ?? "").Length;

    public static void Next()
    {
        count++;
        perThread = "";
    }
}
