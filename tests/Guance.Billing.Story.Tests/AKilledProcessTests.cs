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
