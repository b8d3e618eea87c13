using System.Security.Cryptography;
using System.Text;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Simulation.Tests;

/// <summary>How a run ended.</summary>
/// <param name="Violation">Null: everything held.</param>
/// <param name="Digest">Of every fact and every line of a bill: two runs with the same one went the same way.</param>
/// <param name="Facts">How many facts there were.</param>
/// <param name="Lines">How many lines of bills.</param>
internal sealed record Outcome(ViolationException? Violation, string Digest, int Facts, int Lines);

/// <summary>A run of the whole system over virtual time: some weeks in which things go wrong, then some days in which they do not, after which everything must add up.</summary>
internal static class Run
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 2, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromDays(5);
    private static readonly IReadOnlyList<Price> Prices = PriceBookCsv.Read(Settlement.Resources.Text("price-book.csv")).Prices;

    public static Outcome Of(Scenario scenario)
    {
        var timetable = new Timetable(Start);
        var dice = new Dice(scenario.Seed, "world");
        var center = new Center(timetable, scenario, Prices);
        Site[] sites = [.. new[] { "cn4", "za1" }.Select(code => new Site(code, timetable, scenario, center, dice.Around(scenario.Weather.SkewMax)))];
        foreach (var site in sites)
        {
            center.Sites.Add(site.Code, site);
        }

        Customer[] customers = [.. Enumerable.Range(1, scenario.Customers).Select(number => new Customer(number, timetable, scenario, center, sites))];
        var audit = new Audit(timetable, center, sites, customers, Prices);
        Plan(timetable, scenario, dice, center, sites, customers, audit);
        ViolationException? violation = null;
        try
        {
            var end = Start.AddDays(scenario.Days);
            while (timetable.Step(end))
            {
            }

            foreach (var customer in customers)
            {
                customer.IsGone = true;
            }

            center.Market.IsCalm = true;
            foreach (var node in sites.Select(site => site.Node).Append(center.Node))
            {
                node.IsCalm = true;
            }

            while (timetable.Step(end + scenario.Weather.LateMax + Quiet))
            {
            }

            audit.LookAtTheEnd();
        }
        catch (ViolationException found)
        {
            violation = found;
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            violation = new($"no {broken.GetType().Name} is thrown", broken.ToString());
        }

        return new(violation, Digest(center), center.Log.All.Count, center.Lines.Count);
    }

    /// <summary>The least that still fails in the same way.</summary>
    public static Scenario Shrink(Scenario failing)
    {
        var rule = Of(failing).Violation!.Rule;
        while (Smaller(failing).FirstOrDefault(smaller => Of(smaller).Violation?.Rule == rule) is { } found)
        {
            failing = found;
        }

        return failing;
    }

    private static IEnumerable<Scenario> Smaller(Scenario scenario) =>
    [
        .. new[] { scenario with { Days = scenario.Days / 2 }, scenario with { Days = scenario.Days - 1 }, scenario with { Customers = scenario.Customers / 2 }, scenario with { Customers = scenario.Customers - 1 } }
            .Where(smaller => smaller is { Days: > 0, Customers: > 0 }),
        .. scenario.Weather.Calmer().Select(weather => scenario with { Weather = weather }),
    ];

    private static void Plan(Timetable timetable, Scenario scenario, Dice dice, Center center, Site[] sites, Customer[] customers, Audit audit)
    {
        var weather = scenario.Weather;
        center.Market.PlanOutage();
        foreach (var site in sites)
        {
            var left = dice.UpTo(TimeSpan.FromDays(scenario.Days) * weather.CutOffMax);
            while (left > TimeSpan.FromMinutes(1))
            {
                var span = TimeSpan.FromTicks(Math.Min(left.Ticks, (TimeSpan.FromMinutes(1) + dice.UpTo(TimeSpan.FromHours(6))).Ticks));
                timetable.In(dice.UpTo(TimeSpan.FromDays(scenario.Days)), () => site.CutOff(span));
                left -= span;
            }

            timetable.Every(Tick, Tick, site.ReadInbox);
            timetable.Every(Tick, Tick, site.TellUsage);
            timetable.Every(TimeSpan.FromHours(1), TimeSpan.FromHours(1), () => site.Expire());
        }

        if (weather.RotatesKey)
        {
            timetable.In(dice.UpTo(TimeSpan.FromDays(scenario.Days)), () =>
            {
                center.AnnounceKey("second-key");
                timetable.In(TimeSpan.FromHours(1), () => center.Market.Key = "second-key");
            });
        }

        timetable.Every(Tick, Tick, center.FetchOrders);
        timetable.Every(Tick, Tick, center.ReadInboxes);
        timetable.Every(Tick, Tick, center.ContinueClosings);
        timetable.Every(Tick, TimeSpan.FromMinutes(10), center.PushUsage);
        timetable.Every(Tick, TimeSpan.FromHours(12), center.MarkDoubtful);
        timetable.Every(Tick, TimeSpan.FromMinutes(10), center.CloseDays);
        timetable.Every(Tick, TimeSpan.FromHours(1), center.ContinueArrears);
        timetable.Every(Tick, TimeSpan.FromHours(1), center.ExpireCredits);
        timetable.Every(TimeSpan.FromHours(1), TimeSpan.FromHours(1), audit.Look);
        foreach (var customer in customers)
        {
            timetable.In(dice.UpTo(TimeSpan.FromDays(scenario.Days) / 3), customer.Begin);
        }
    }

    private static string Digest(Center center)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var fact in center.Log.All)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{fact.Stream} {fact.Version} {fact.Data} {fact.At:O}\n"));
        }

        foreach (var line in center.Lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{line}\n"));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
