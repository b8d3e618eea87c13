using System.Diagnostics;
using System.Globalization;

namespace Guance.Billing.World;

/// <summary>Plays the seed's story before a person, in the world that runs or in one of its own.</summary>
internal static class Demo
{
    private const int StepCount = 10;

    /// <summary>Narrates each step with what it saw; 0 when every step is ticked.</summary>
    public static async Task<int> RunAsync(WorldOptions options, CancellationToken ct)
    {
        var places = new WorldOptions { DataFolder = options.DataFolder, Port = options.Port }.Ports();
        World? own = null;
        if (await IsRunningAsync(places, ct))
        {
            Console.WriteLine($"· Playing in the world that runs at {places.BillingCenterUrl}; its clock will be 14 days ahead afterwards");
        }
        else
        {
            Console.WriteLine("· No world is running: starting one for the demo (and stopping it afterwards)");
            own = await World.StartAsync(options, ct);
            places = own.Ports;
        }

        var ticked = 0;
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var story = new SeedStory(
                new StoryPlaces(places.BillingCenterUrl, places.SiteUrl(SiteCode.Of("cn4")), places.SiteUrl(SiteCode.Of("za1")), places.MarketplaceUrl),
                seen =>
                {
                    ct.ThrowIfCancellationRequested();
                    Console.WriteLine($"✓ {++ticked,2}. {seen}");
                });
            await story.PlayAsync();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            Console.WriteLine($"✗ {ticked + 1,2}. {failure.Message}");
        }
        finally
        {
            if (own is not null)
            {
                await own.DisposeAsync();
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ticked} of {StepCount} steps ticked in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"));
        return ticked == StepCount ? 0 : 1;
    }

    private static async Task<bool> IsRunningAsync(WorldPorts places, CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        try
        {
            using var ready = await http.GetAsync(new Uri($"{places.BillingCenterUrl}/health/ready"), ct);
            return ready.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
