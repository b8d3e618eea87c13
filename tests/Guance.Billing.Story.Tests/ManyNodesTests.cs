using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Guance.Billing.Story.Tests;

/// <summary>Two nodes of each deployment behind one address, on a PostgreSQL with a standby that has every commit.</summary>
public sealed class ManyNodesTests
{
    private const int Callers = 8;
    private static readonly TimeSpan CallersEvery = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Either_node_and_then_the_first_database_server_is_killed_and_nobody_waits_long_or_loses_anything()
    {
        await using var world = await AFragileWorld.StartAsync(new Dictionary<string, string?>(), async folder => await TheServers.StartAsync(folder, withStandby: true), nodes: 2);
        var crowd = new Crowd(world, new Random(1));
        using var evening = new CancellationTokenSource();
        var living = crowd.LiveAsync(evening.Token);
        await UntilAsync("the crowd is at work", () => Task.FromResult(crowd.Acknowledged), acknowledged => acknowledged > 0);
        var calls = new Calls(world);
        var calling = calls.GoOnAsync(evening.Token);
        // Whichever of the two led what one node does at a time; a site is as good as the other.
        foreach (var node in world.Nodes.Where(node => node.Deployment == AFragileWorld.BillingCenter || node is { Deployment: "cn4", Number: 1 }))
        {
            await UntilAsync("callers are at work", () => Task.FromResult(calls.Answered), answered => answered > 0);
            var before = calls.Failed;
            await world.KillAsync(node);
            var started = Stopwatch.GetTimestamp();
            // Jobs, inboxes and feeds: what is used from now on reaches the Billing Center, whoever of the two nodes did that so far.
            await crowd.IsHeardAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {node} killed: heard after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, {calls.Failed - before} calls failed, {calls.Answered} answered so far"));
            (calls.Failed - before).ShouldBeLessThanOrEqualTo(Callers, "those that were in flight");
            await world.StartAsync(node);
        }

        var waited = Stopwatch.GetTimestamp();
        await world.Servers.FailOverAsync();
        await crowd.IsHeardAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  database server killed: heard after {Stopwatch.GetElapsedTime(waited).TotalSeconds:0.0} s"));
        await evening.CancelAsync();
        await living;
        await calling;
        await crowd.FindsAllAsync();
    }

    /// <summary>People who read, one page after the other, and do not ask again when a page fails.</summary>
    private sealed class Calls(AFragileWorld world)
    {
        private int answered;
        private int failed;

        public int Answered => answered;

        public int Failed => failed;

        public Task GoOnAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async number =>
        {
            var name = AFragileWorld.Names[number % AFragileWorld.Names.Count];
            using var person = await world.StaffAsync(name);
            using var every = new PeriodicTimer(CallersEvery);
            while (!stop.IsCancellationRequested)
            {
                await every.WaitForNextTickAsync(CancellationToken.None);
                try
                {
                    await person.GetAsync(name == AFragileWorld.BillingCenter ? "/api/operator/sites" : "/api/operator/quarantine");
                    Interlocked.Increment(ref answered);
                }
                catch (Exception away) when (away is HttpRequestException or IOException or SocketException or UnexpectedAnswerException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }));
    }
}
