using System.Runtime.CompilerServices;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// This release goes on from what older ones left. Their worlds are kept in the folder <c>Releases</c>, one each: a day that was lived on the programs of that release, and the morning of the next one, not yet
/// settled. <c>build/keep-release</c> makes one of any commit.
/// </summary>
public sealed class UpgradeTests
{
    /// <summary>Far enough that a kept world does not lie in the past when it is opened again: clocks are only moved forward.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(3650);
    private static readonly Dictionary<string, string?> Settings = [];

    public static TheoryData<string> Kept => [.. Directory.EnumerateDirectories(Releases()).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Kept))]
    public async Task Customers_of_an_older_release_find_everything_after_the_upgrade_and_go_on(string release)
    {
        var folder = Path.Combine(Releases(), release);
        await using var world = await AFragileWorld.StartAsync(Settings, async servers => await TheServers.StartAsync(servers, withStandby: false), kept: folder);
        var crowd = new Crowd(world, new Random(1));

        await crowd.RememberAsync(Path.Combine(folder, "crowd.json"));
        await crowd.FindsAllAsync();
        await LiveAsync(crowd);
        await crowd.FindsAllAsync();
        await world.PassAsync(world.UntilTheDayIsOver());
        await crowd.IsBilledAsync(() => world.PassAsync(TimeSpan.FromMinutes(5)));
        await world.SnapshotsAreRightAsync();
    }

    /// <summary>For <c>build/keep-release</c>: <c>KEEP_RELEASE</c> is the folder to fill.</summary>
    [Fact(Explicit = true)]
    public async Task A_day_that_was_lived_on_a_release_is_kept()
    {
        var folder = Environment.GetEnvironmentVariable("KEEP_RELEASE")!;
        await using var world = await AFragileWorld.StartAsync(Settings, async servers => await TheServers.StartAsync(servers, withStandby: false));
        await world.PassAsync(Ahead);
        var crowd = new Crowd(world, new Random(1));

        await LiveAsync(crowd);
        await world.PassAsync(world.UntilTheDayIsOver());
        await crowd.IsBilledAsync(() => world.PassAsync(TimeSpan.FromMinutes(5)));
        await LiveAsync(crowd);
        await crowd.FindsAllAsync();
        await crowd.WriteDownAsync(Path.Combine(folder, "crowd.json"));
        await world.KeepAsync(folder);
    }

    /// <summary>Until new customers have come, and their usage has been heard.</summary>
    private static async Task LiveAsync(Crowd crowd)
    {
        using var evening = new CancellationTokenSource();
        var living = crowd.LiveAsync(evening.Token);
        var before = crowd.Customers;
        await UntilAsync("new customers have come", () => Task.FromResult(crowd.Customers), now => now >= before + 6);
        await crowd.IsHeardAsync();
        await evening.CancelAsync();
        await living;
    }

    private static string Releases([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Releases");
}
