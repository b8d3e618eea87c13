using System.Diagnostics;
using System.Globalization;
using Guance.Billing.TestKit;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>One world for classes that move no clock and count nothing of others: starting one takes as long as their tests.</summary>
[CollectionDefinition(Name)]
public sealed class InOneWorld : ICollectionFixture<AWorld>
{
    public const string Name = "in one world";
}

/// <summary>A world of a test class's own: two sites, the Billing Center and the marketplace on free ports, databases of its own.</summary>
public sealed class AWorld : IAsyncLifetime
{
    private static int worlds;

    private int names;
    private string folder = "";

    public World.World World { get; private set; } = null!;

    public WorldPorts Ports => World.Ports;

    public StoryPlaces Places => new(Ports.BillingCenterUrl, Ports.SiteUrl(SiteCode.Of("cn4")), Ports.SiteUrl(SiteCode.Of("za1")), Ports.MarketplaceUrl);

    public async ValueTask InitializeAsync()
    {
        folder = Directory.CreateTempSubdirectory("guance-story-").FullName;
        World = await Billing.World.World.StartAsync(new WorldOptions
        {
            DataFolder = folder,
            FreePorts = true,
            Fresh = true,
            ServerConnectionString = await TestDatabase.ServerAsync(),
            DatabasePrefix = string.Create(CultureInfo.InvariantCulture, $"story_{Environment.ProcessId}_{Interlocked.Increment(ref worlds)}_"),
        });
        // Stories hold on any day: so that they can be told at the end of a month, too.
        if (Environment.GetEnvironmentVariable("STORY_CLOCK_AHEAD") is { Length: > 0 } ahead)
        {
            using var anyone = new Person(Places.BillingCenterUrl);
            await anyone.PostAsync("/dev/clock", new { advance = ahead });
        }
    }

    /// <summary>A name that no other test of this world uses.</summary>
    public string New(string name) => string.Create(CultureInfo.InvariantCulture, $"{name}{Interlocked.Increment(ref names)}");

    /// <summary>Starts the Billing Center as a process of its own, which can be killed, in place of the world's own that was stopped, or beside it at an address of its own (<c>Urls</c>); returns when it is ready.</summary>
    internal async Task<AProcess> StartBillingCenterProcessAsync(params (string Key, string Value)[] furtherSettings)
    {
        var settings = World.SettingsOf("billing-center").ToDictionary(setting => AsVariable(setting.Key), setting => setting.Value);
        settings["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (key, value) in furtherSettings)
        {
            settings[AsVariable(key)] = value;
        }

        var process = AProcess.Start("Guance.Billing.Host", settings);
        await process.ReadyAsync("the Billing Center", settings["Urls"]!);
        return process;

        static string AsVariable(string key) => key.Replace(":", "__", StringComparison.Ordinal);
    }

    /// <summary>Connections to the Billing Center's database, for what HTTP would tell too late for a kill.</summary>
    internal NpgsqlDataSource BillingCenterDatabase() => NpgsqlDataSource.Create(World.SettingsOf("billing-center")["ConnectionStrings:Billing"]!);

    /// <summary>Reads a number from the Billing Center's database until it is as expected.</summary>
    internal async Task<long> UntilInDatabaseAsync(string sql, Func<long, bool> holds)
    {
        await using var database = BillingCenterDatabase();
        await using var count = database.CreateCommand(sql);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = (long)(await count.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
            if (holds(seen))
            {
                return seen;
            }

            Stopwatch.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromMinutes(2), $"{sql} is {seen}");
        }
    }

    /// <summary>A usage event as agents send it.</summary>
    internal static object Event(string workspace, string id, string item, decimal quantity, int? retention, DateTimeOffset time) =>
        new { id, workspaceId = workspace, item, quantity, time, retentionDays = retention };

    internal static object Cny(string amount) => new { amount, currency = "CNY" };

    /// <summary>A program with every scope, at this deployment.</summary>
    internal Task<Person> StaffAsync(string url) => Person.ProgramAsync(url, Places.BillingCenterUrl, "dev-operator", "dev-operator-secret");

    internal async Task<DateTimeOffset> NowAsync()
    {
        using var anyone = new Person(Places.BillingCenterUrl);
        return DateTimeOffset.Parse(Text(await anyone.GetAsync("/dev/clock"), "now"), CultureInfo.InvariantCulture);
    }

    /// <summary>Moves the world past midnight in Shanghai and closes the day; gives its date.</summary>
    internal async Task<string> CloseTheDayAsync(Person staff)
    {
        var day = await PassMidnightAsync(minutes: 20);
        Text(await staff.PostAsync("/api/operator/settlement-runs", new { date = day }), "state").ShouldBe("completed");
        return day;
    }

    /// <summary>Moves the world so many minutes past midnight in Shanghai; gives the date of the day that is over.</summary>
    internal async Task<string> PassMidnightAsync(int minutes)
    {
        using var anyone = new Person(Places.BillingCenterUrl);
        var local = await LocalNowAsync();
        var midnight = new DateTimeOffset(local.Date.AddDays(1), local.Offset);
        await anyone.PostAsync("/dev/clock", new { advance = (midnight.AddMinutes(minutes) - local).ToString("c", CultureInfo.InvariantCulture) });
        return local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    /// <summary>Lets the market collect what was pushed; gives the monthly file in which that stands, which is the next month's when the day that it is for was the last of its own.</summary>
    internal async Task<(string Month, string File)> MarketBillAsync(Person staff)
    {
        await staff.PostAsync("/dev/clock", new { advance = "01:00:00" });
        var month = (await LocalNowAsync()).ToString("yyyy-MM", CultureInfo.InvariantCulture);
        using var market = new Person(Places.MarketplaceUrl);
        return (month, (await market.SendAsync(HttpMethod.Get, $"/sim/bills/{month}.csv")).Text);
    }

    /// <summary>Goes on to the next day if this is a month's last: for what is of the month that it is.</summary>
    internal async Task LeaveTheMonthsLastDayAsync()
    {
        var local = await LocalNowAsync();
        if (local.AddDays(1).Month != local.Month)
        {
            await PassMidnightAsync(minutes: 20);
        }
    }

    /// <summary>Waits until the Billing Center knows of so much usage of the workspace.</summary>
    internal async Task ToldAsync(string workspace, decimal quantity)
    {
        await using var database = BillingCenterDatabase();
        await using var sum = database.CreateCommand($"select coalesce(sum(quantity), 0) from settlement.usage_hour where workspace = '{workspace["wksp_".Length..]}'");
        await UntilAsync("the Billing Center has been told", async () => (decimal)(await sum.ExecuteScalarAsync())!, told => told == quantity);
    }

    private async Task<DateTimeOffset> LocalNowAsync() => (await NowAsync()).ToOffset(TimeSpan.FromHours(8));

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
