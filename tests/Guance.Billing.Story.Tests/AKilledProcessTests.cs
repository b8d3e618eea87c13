using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;

namespace Guance.Billing.Story.Tests;

public sealed class AKilledProcessTests(AWorld world) : IClassFixture<AWorld>
{
    private const int WorkspaceCount = 200;
    private const int RegistrantsAtOnce = 6;

    /// <summary>Far fewer than the closing concerns, so that the kill falls between two of its transactions.</summary>
    private const int BatchSize = 10;
    private const string Unlinked = "select count(*) from events.mt_events where type = 'settlement.workspace_locked'";

    [Fact]
    public async Task A_billing_center_killed_in_the_middle_of_a_closing_with_200_workspaces_finishes_it_when_it_is_started_again()
    {
        using var me = new Customer(world.Places, world.New("killed"));
        var (accountId, instanceId) = await me.BuyAsync();
        await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        await RegisterManyAsync(me, accountId, WorkspaceCount - 1);
        await me.SignInToBillingCenterAsync();

        // From here on the Billing Center is a process of its own, which can be killed without asking.
        await world.World.StopDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        using var first = await StartBillingCenterAsync();
        try
        {
            var closing = me.CloseResourceAsync(instanceId);
            await UntilInDatabaseAsync(Unlinked, count => count > 0);
            await first.KillAsync();
            await closing;
            (await UntilInDatabaseAsync(Unlinked, _ => true)).ShouldBeInRange(1, WorkspaceCount - 1, "the kill falls in the middle of the closing");
        }
        finally
        {
            await first.KillAsync();
        }

        using var second = await StartBillingCenterAsync();
        try
        {
            var done = await me.ClosingAcknowledgedAsync(instanceId, 2);

            done["sites"]!.AsArray().Sum(site => site!["workspaces"]!.GetValue<int>()).ShouldBe(WorkspaceCount);
            var workspaces = await AllWorkspacesAsync(me.BillingCenter);
            workspaces.Count.ShouldBe(WorkspaceCount);
            workspaces.ShouldAllBe(workspace => workspace.LockState() == "locked" && workspace.Method() == "billing-center");
            // Once each: what was done before the kill was not done again.
            foreach (var workspace in workspaces.Take(20))
            {
                var history = Items(await me.BillingCenter.GetAsync($"/api/workspaces/{Text(workspace, "id")}/history"));
                history.Count(fact => Text(fact, "what").Contains("lock", StringComparison.Ordinal)).ShouldBe(1);
            }
        }
        finally
        {
            await second.KillAsync();
            await world.World.StartDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_billing_center_killed_again_and_again_while_it_closes_a_day_and_pushes_bills_and_pushes_everything_once()
    {
        const int count = 12;
        using var me = new Customer(world.Places, world.New("crash"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspaces = new List<string> { await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId) };
        await RegisterManyAsync(me, accountId, count - 1);
        await me.SignInToBillingCenterAsync();
        workspaces = [.. (await AllWorkspacesAsync(me.BillingCenter)).Select(workspace => Text(workspace, "id"))];
        // 20 K task calls: 2.00 in China, 4.00 overseas.
        await UseAsync(me, world.Places.Cn4Url);
        await UseAsync(me, world.Places.Za1Url);
        await UntilInDatabaseAsync("select count(*) from settlement.usage_hour", told => told == count);

        await world.World.StopDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        // The market's clock is the world's; the process has one of its own.
        await MovePastMidnightAsync(world.Places.Cn4Url);
        // After a batch, after more, once all are rated, once records are kept, once the market has some.
        foreach (var (what, reached) in new (string, long)[]
        {
            ("select count(*) from settlement.bill", 1), ("select count(*) from settlement.bill", 5), ("select count(*) from settlement.bill", count),
            ("select count(*) from cloud_accounts.usage_push", 1), ("select count(*) from cloud_accounts.usage_push where attempts > 0", 1),
        })
        {
            using var process = await StartBillingCenterAsync();
            var closing = MovePastMidnightAsync(world.Ports.BillingCenterUrl);
            await UntilInDatabaseAsync(what, seen => seen >= reached);
            await process.KillAsync();
            await closing;
        }

        using var last = await StartBillingCenterAsync();
        try
        {
            await MovePastMidnightAsync(world.Ports.BillingCenterUrl);
            await UntilInDatabaseAsync("select count(*) from settlement.day_close where state <> 'completed'", underWay => underWay == 0);
            // What a kill left without an answer is asked about again after a while, by everybody's clock.
            foreach (var url in new[] { world.Places.Cn4Url, world.Ports.BillingCenterUrl })
            {
                using var clock = new Person(url);
                await clock.PostAsync("/dev/clock", new { advance = "00:30:00" });
            }

            await UntilInDatabaseAsync("select count(*) from cloud_accounts.usage_push where state = 'accepted'", accepted => accepted == 1);

            var bills = Items(await me.BillingCenter.GetAsync("/api/bills/daily?limit=200")).ToArray();
            bills.Select(bill => Text(bill, "workspaceId")).ShouldBe(workspaces, ignoreOrder: true);
            var total = bills.Sum(bill => decimal.Parse(Text(bill["total"]!, "amount"), CultureInfo.InvariantCulture));
            total.ShouldBe(bills.Sum(bill => Text(bill, "site") == "cn4" ? 2 : 4));
            using var market = new Person(world.Places.MarketplaceUrl);
            var records = Items(await market.GetAsync($"/sim/usage?instanceId={instanceId}")).ToArray();
            decimal.Parse(Text(records.ShouldHaveSingleItem(), "usageValue"), CultureInfo.InvariantCulture).ShouldBe(total, "once");
            using var staff = await Person.ProgramAsync(world.Ports.BillingCenterUrl, world.Ports.BillingCenterUrl, "dev-operator", "dev-operator-secret");
            (await staff.PostAsync("/api/operator/checks"))["open"]!.GetValue<long>().ShouldBe(0);
            (await staff.GetAsync("/api/operator/journal-verification"))["breaks"]!.AsArray().ShouldBeEmpty();
        }
        finally
        {
            await last.KillAsync();
            await world.World.StartDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        }
    }

    private async Task UseAsync(Customer me, string siteUrl)
    {
        using var agent = await Person.ProgramAsync(siteUrl, world.Ports.BillingCenterUrl, "dev-operator", "dev-operator-secret");
        var site = siteUrl == world.Places.Cn4Url ? "cn4" : "za1";
        var time = Text(await agent.GetAsync("/dev/clock"), "now");
        var events = (await AllWorkspacesAsync(me.BillingCenter)).Where(workspace => Text(workspace, "site") == site)
            .Select(workspace => new { id = "used", workspaceId = Text(workspace, "id"), item = "task-calls", quantity = 20_000, time }).ToArray();
        var answer = await agent.PostAsync("/api/usage", events);
        answer["accepted"]!.GetValue<int>().ShouldBe(events.Length, answer.ToJsonString());
    }

    /// <summary>The clock of a process begins anew with it: it is moved past the same midnight each time.</summary>
    private static async Task MovePastMidnightAsync(string url)
    {
        using var clock = new Person(url);
        var local = DateTimeOffset.Parse(Text(await clock.GetAsync("/dev/clock"), "now"), CultureInfo.InvariantCulture).ToOffset(TimeSpan.FromHours(8));
        var midnight = new DateTimeOffset(local.Date.AddDays(1), TimeSpan.FromHours(8));
        try
        {
            await clock.SendAsync(HttpMethod.Post, "/dev/clock", new { advance = (midnight.AddMinutes(20) - local).ToString("c", CultureInfo.InvariantCulture) });
        }
        catch (HttpRequestException)
        {
            // Killed while it was closing the day.
        }
    }

    private static async Task<List<JsonNode>> AllWorkspacesAsync(Person billingCenter)
    {
        var all = new List<JsonNode>();
        for (string? cursor = null; ;)
        {
            var page = await billingCenter.GetAsync($"/api/workspaces?limit=100{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            all.AddRange(Items(page));
            cursor = page["nextCursor"]?.ToString();
            if (cursor is null)
            {
                return all;
            }
        }
    }

    private async Task RegisterManyAsync(Customer owner, string accountId, int count)
    {
        // Codes go to one address: whoever asks for one reads it before the next one asks.
        using var oneCodeAtATime = new SemaphoreSlim(1);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = RegistrantsAtOnce }, async (index, ct) =>
        {
            var siteUrl = index % 2 == 0 ? world.Places.Cn4Url : world.Places.Za1Url;
            var name = world.New("many");
            using var site = new Person(siteUrl);
            var id = await FirstTwoStepsAsync(site, siteUrl, name, $"{name}@acme.example", "existing");
            await oneCodeAtATime.WaitAsync(ct);
            string code;
            try
            {
                code = await BillingAccountCodeAsync(site, world.Places.BillingCenterUrl, id, owner.Username, owner.Email);
            }
            finally
            {
                oneCodeAtATime.Release();
            }

            await ActivateAsync(site, id, Customer.HuaweiActivation($"workspace {index.ToString(CultureInfo.InvariantCulture)}", accountId, owner.Username, code));
        });
    }

    /// <summary>Reads a number from the database until it is as expected: a question over HTTP would come too late for a kill.</summary>
    private async Task<long> UntilInDatabaseAsync(string sql, Func<long, bool> holds)
    {
        await using var database = NpgsqlDataSource.Create(world.World.SettingsOf("billing-center")["ConnectionStrings:Billing"]!);
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

    private async Task<AProcess> StartBillingCenterAsync()
    {
        var settings = world.World.SettingsOf("billing-center").ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        settings["ASPNETCORE_ENVIRONMENT"] = "Development";
        settings["Settlement__BatchSize"] = BatchSize.ToString(CultureInfo.InvariantCulture);
        settings["Settlement__DayClose__BatchSize"] = "1"; // a transaction for each workspace, so that a kill falls between two
        var process = AProcess.Start("Guance.Billing.Host", settings);
        using var person = new Person(world.Ports.BillingCenterUrl);
        await UntilAsync(
            "the Billing Center is ready",
            async () =>
            {
                try
                {
                    return (await person.SendAsync(HttpMethod.Get, "/health/ready")).Status;
                }
                catch (HttpRequestException) when (!process.HasExited)
                {
                    return HttpStatusCode.ServiceUnavailable;
                }
                catch (HttpRequestException failure)
                {
                    throw new InvalidOperationException($"The Billing Center has ended while it was starting:\n{await process.OutputAsync()}", failure);
                }
            },
            status => status is HttpStatusCode.OK);
        return process;
    }
}
