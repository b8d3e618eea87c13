using System.Diagnostics;
using System.Globalization;

namespace Guance.Billing.Story.Tests;

/// <summary>
/// Real processes under load are killed at random moments, PostgreSQL is stopped at once and started again, links are cut, slowed and half-opened, a disk is full, and once a day one is lost and restored from its backup. What was
/// acknowledged is all there in the end, nothing is there twice, and snapshots are what their events make of them. A short run here; <c>build/torture</c> for a long one.
/// </summary>
public sealed class TortureTests
{
    private const int KillsOfADayMax = 50;

    /// <summary><c>TORTURE_KILLS</c> in all; <c>TORTURE_SEED</c> decides who is hurt, and how.</summary>
    [Fact]
    public Task Whatever_is_killed_cut_off_or_full_everything_acknowledged_is_there_once() =>
        HurtAsync(Setting("TORTURE_KILLS", 8), nodes: 1, async folder => await TheServers.StartAsync(folder, withStandby: false));

    /// <summary>In <c>build/torture</c>, which installs Patroni and etcd; <c>TORTURE_PATRONI_KILLS</c> in all.</summary>
    [Fact(Explicit = true)]
    public Task Whichever_database_machine_dies_under_Patroni_everything_acknowledged_is_there_once() =>
        HurtAsync(Setting("TORTURE_PATRONI_KILLS", 20), nodes: 2, async folder => await APatroniCluster.StartAsync(folder));

    private static async Task HurtAsync(int kills, int nodes, Func<string, Task<IDatabaseServers>> startServers)
    {
        var seed = Setting("TORTURE_SEED", 1);
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        await using var world = await AFragileWorld.StartAsync(
            // So that a kill falls between two transactions of a closing, and of a day close.
            new Dictionary<string, string?> { ["Settlement:BatchSize"] = "1", ["Settlement:DayClose:BatchSize"] = "3" }, startServers, nodes);
        var crowd = new Crowd(world, random);
        var hurt = new Hurt(world, random);
        for (var day = 1; hurt.Kills < kills; day++)
        {
            var least = hurt.Kills;
            var today = Math.Min(KillsOfADayMax, kills - least);
            using (var evening = new CancellationTokenSource())
            {
                var living = crowd.LiveAsync(evening.Token);
                world.Servers.BackUp();
                await hurt.UntilAsync(least + ((today - world.Nodes.Count) * 3 / 5), living);
                await evening.CancelAsync();
                await living;
            }

            await crowd.FindsAllAsync();
            await world.Servers.LoseDiskAsync();
            await crowd.FindsAllAsync();
            await hurt.KillAllAsync();
            await world.MoveClockAsync(world.UntilTheDayIsOver());
            await world.StartAsync(world.Nodes);
            using (var morning = new CancellationTokenSource())
            {
                var closing = world.KeepPassingAsync(morning.Token);
                await hurt.UntilAsync(least + today, closing);
                await morning.CancelAsync();
                await closing;
            }

            await crowd.IsBilledAsync(() => world.PassAsync(TimeSpan.FromMinutes(5)));
            await world.SnapshotsAreRightAsync();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  day {day}: {hurt}, {crowd.Customers} customers, {crowd.Acknowledged} events acknowledged, each there once ({watch.Elapsed.TotalSeconds:0} s; seed {seed})"));
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } told ? int.Parse(told, CultureInfo.InvariantCulture) : otherwise;
}
