using System.Globalization;
using Guance.Billing.TestKit;

namespace Guance.Billing.Sites.Tests;

/// <summary>Prints what the link does in a second, and how long one message takes; LINK_MESSAGES makes the run longer.</summary>
public sealed class FiguresTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Messages_flow_by_the_thousand_and_one_alone_takes_a_moment()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("LINK_MESSAGES") ?? "2000", CultureInfo.InvariantCulture);
        await using var world = await LinkWorld.StartAsync("billing-center");
        for (var from = 0; from < count; from += 200)
        {
            await world.Center.AppendAsync([.. Enumerable.Range(from, 200).Select(n => new NoteWritten("cn4", $"n{n}", "some text of usual length, not much"))]);
        }

        var left = await LastAsync("select last_position from link.feed where peer = 'cn4'", world.Center);
        var start = TimeProvider.System.GetTimestamp();
        await Eventually.Until(async () => await LastAsync("select last_position from link.feed where peer = 'cn4'", world.Center) == count);
        var wrote = TimeProvider.System.GetElapsedTime(start);
        output.WriteLine($"writer: {count - left} messages left after the appends, written in {wrote.TotalSeconds:0.00} s");

        await world.StartOneAsync("cn4");
        start = TimeProvider.System.GetTimestamp();
        var applied = await LastAsync("select position from link.feed_position", world.Site);
        await Eventually.Until(async () => await LastAsync("select position from link.feed_position", world.Site) == count);
        var read = TimeProvider.System.GetElapsedTime(start);
        output.WriteLine($"reader: {(count - applied) / read.TotalSeconds:0} messages/s ({count - applied} in {read.TotalSeconds:0.00} s)");

        var latencies = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            start = TimeProvider.System.GetTimestamp();
            await world.Center.AppendAsync(new NoteWritten("cn4", $"one-{i}", "text"));
            await Eventually.Until(async () => await LastAsync("select position from link.feed_position", world.Site) == count + i + 1);
            latencies.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        latencies.Sort();
        output.WriteLine($"one message, from the append to its effect at the site: median {latencies[10]:0} ms, most {latencies[^1]:0} ms");
        (await world.Site.KeptAsync()).Count.ShouldBe(count + 20);
    }

    private static async Task<long> LastAsync(string sql, LinkHost host) => (await host.ColumnAsync<long>(sql)).SingleOrDefault();
}
