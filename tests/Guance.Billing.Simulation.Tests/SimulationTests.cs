using System.Diagnostics;
using System.Globalization;

namespace Guance.Billing.Simulation.Tests;

/// <summary>
/// The promise of the README, over many seeds: every acknowledged usage event is settled exactly once, to one payer; every marketplace call may be repeated, late or out of
/// order; nothing is dropped silently.
/// </summary>
public sealed class SimulationTests
{
    private const int Days = 30;
    private const int Customers = 3;
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(10);

    /// <summary><c>SIMULATE_SEEDS</c>, from <c>SIMULATE_FROM</c> on; <c>SIMULATE_DAYS</c> days of each.</summary>
    [Fact]
    public void Over_many_months_of_bad_weather_everything_adds_up()
    {
        var (count, from, days) = (Setting("SIMULATE_SEEDS", 200), Setting("SIMULATE_FROM", 1), Setting("SIMULATE_DAYS", Days));
        var (done, facts, lines) = (0, 0L, 0L);
        var failing = new SortedDictionary<int, Scenario>();
        var watch = Stopwatch.StartNew();
        var next = ProgressEvery;
        Parallel.ForEach(Enumerable.Range(from, count), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, all) =>
        {
            var scenario = new Scenario(seed, days, Customers, new());
            var outcome = Run.Of(scenario);
            lock (failing)
            {
                (done, facts, lines) = (done + 1, facts + outcome.Facts, lines + outcome.Lines);
                if (outcome.Violation is not null)
                {
                    failing.Add(seed, scenario);
                    all.Stop();
                }

                if (watch.Elapsed > next)
                {
                    next = watch.Elapsed + ProgressEvery;
                    Console.WriteLine($"  {done} of {count} seeds, {facts} facts, {lines} lines of bills");
                }
            }
        });
        if (failing.Values.FirstOrDefault() is { } failed)
        {
            var least = Run.Shrink(failed);
            Assert.Fail($"{Run.Of(failed).Violation!.Message}\nfailed: {failed}\nleast:  {least}: {Run.Of(least).Violation!.Message}\nalone:  SIMULATE_FROM={failed.Seed} build/simulate 1");
        }

        Console.WriteLine($"  {done} seeds of {days} days without a violation: {facts} facts, {lines} lines of bills");
        facts.ShouldBeGreaterThan(count * 50L);
        lines.ShouldBeGreaterThan(count * 50L);
    }

    [Theory]
    [InlineData(nameof(BrokenRule.DroppedEvent), "nothing acknowledged is missing")]
    [InlineData(nameof(BrokenRule.SecondPush), "no market takes more than is owed")]
    [InlineData(nameof(BrokenRule.SkippedLock), "every workspace of a closed subscription is locked in time")]
    [InlineData(nameof(BrokenRule.TruncatedCent), "what rounding leaves is carried")]
    public void A_rule_that_is_broken_on_purpose_is_caught_replays_and_shrinks(string broken, string rule)
    {
        var caught = Enumerable.Range(1, 20).Select(seed => new Scenario(seed, Days, Customers, new(), Enum.Parse<BrokenRule>(broken))).First(scenario => Run.Of(scenario).Violation is not null);
        var outcome = Run.Of(caught);
        outcome.Violation!.Rule.ShouldBe(rule);
        Run.Of(caught).Digest.ShouldBe(outcome.Digest);

        var least = Run.Shrink(caught);
        Run.Of(least).Violation!.Rule.ShouldBe(rule);
        (least.Customers <= caught.Customers && least.Days <= caught.Days).ShouldBeTrue();
        least.ShouldNotBe(caught);
    }

    [Fact]
    public void The_same_seed_goes_the_same_way_and_another_one_another()
    {
        var first = Run.Of(new(7, Days, Customers, new()));
        Run.Of(new(7, Days, Customers, new())).Digest.ShouldBe(first.Digest);
        Run.Of(new(8, Days, Customers, new())).Digest.ShouldNotBe(first.Digest);
    }

    private static int Setting(string name, int usual) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : usual;
}
