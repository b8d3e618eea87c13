using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Guance.Billing.Story.Tests;

public sealed class AKilledProcessTests(AWorld world) : IClassFixture<AWorld>
{
    private const int WorkspaceCount = 200;
    private const int RegistrantsAtOnce = 6;

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
            await UntilAsync(
                "the closing has begun",
                async () => (await me.BillingCenter.SendAsync(HttpMethod.Get, $"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing")).Status,
                status => status is HttpStatusCode.OK);
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
            await closing;
        }
        finally
        {
            first.Kill();
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
            second.Kill();
            await second.WaitForExitAsync(TestContext.Current.CancellationToken);
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

    private async Task<Process> StartBillingCenterAsync()
    {
        var configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Guance.Billing.Host", configuration, "Guance.Billing.Host"));
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in world.World.SettingsOf("billing-center"))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
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
            },
            status => status is HttpStatusCode.OK);
        return process;
    }
}
