using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Marten;
using Marten.Events;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Story.Tests;

/// <summary>What alerts and the dashboard look at is told by the deployments, and a trace goes through them.</summary>
public sealed partial class WatchingTests(AWorld world) : IClassFixture<AWorld>
{
    [Fact]
    public async Task Every_metric_that_an_alert_or_the_dashboard_looks_at_is_told()
    {
        var deploy = Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "deploy");
        var looked = new[] { Path.Combine(deploy, "prometheus", "alerts.yml"), Path.Combine(deploy, "grafana", "guance-billing.json") }
            .SelectMany(file => Metric().Matches(File.ReadAllText(file)).Select(match => match.Value)).ToHashSet(StringComparer.Ordinal);
        looked.Count.ShouldBeGreaterThan(8);

        using var center = new Person(world.Places.BillingCenterUrl);
        using var site = new Person(world.Places.Cn4Url);
        // Measured beside the scrapes: a moment after the start they are there.
        var missing = await UntilAsync(
            "all of them are told",
            async () =>
            {
                var told = (await center.SendAsync(HttpMethod.Get, "/metrics")).Text + (await site.SendAsync(HttpMethod.Get, "/metrics")).Text;
                return looked.Where(metric => !told.Contains($"\n{metric}{{", StringComparison.Ordinal)).ToArray();
            },
            missing => missing.Length == 0);
        missing.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancellation_is_one_trace_from_the_markets_call_to_the_locks_at_both_sites()
    {
        using var me = new Customer(world.Places, world.New("traced"));
        var (accountId, instanceId) = await me.BuyAsync();
        await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        await me.RegisterAndAttachAsync(world.Places.Za1Url, accountId);
        // What is read together with other news has a span of its own, with links to each: so all that came before is read first.
        foreach (var site in new[] { "cn4", "za1" })
        {
            await UntilAsync($"{site} knows its workspace", () => TracesAsync(site, "workspaces.bound_noted"), traces => traces.Count == 1);
        }

        await world.World.Deployment("billing-center").Services.GetRequiredService<IDocumentStore>().WaitForNonStaleProjectionDataAsync(TimeSpan.FromSeconds(60));
        await me.CloseResourceAsync(instanceId);

        foreach (var site in new[] { "cn4", "za1" })
        {
            await UntilAsync($"{site} has applied the closing", () => TracesAsync(site, "workspaces.closing_applied"), traces => traces.Count == 1);
        }

        var traces = new List<(string Step, string Trace)>();
        foreach (var (deployment, type) in new[]
        {
            ("billing-center", "cloud_accounts.subscription_closed"), ("billing-center", "settlement.closing_started"), ("billing-center", "settlement.workspace_locked"),
            ("billing-center", "settlement.closing_announced_to_site"), ("cn4", "workspaces.locked_noted"), ("cn4", "workspaces.closing_applied"), ("za1", "workspaces.locked_noted"),
            ("za1", "workspaces.closing_applied"),
        })
        {
            traces.AddRange((await TracesAsync(deployment, type)).Select(trace => ($"{deployment} {type}", trace)));
        }

        traces.Select(one => one.Trace).Distinct().Count().ShouldBe(1, string.Join('\n', traces));
        traces[0].Trace.Length.ShouldBe(32);
    }

    /// <summary>The traces in which a deployment appended facts of a type.</summary>
    private async Task<IReadOnlyList<string>> TracesAsync(string deployment, string type)
    {
        await using var database = NpgsqlDataSource.Create(world.World.SettingsOf(deployment)["ConnectionStrings:Billing"]!);
        await using var read = database.CreateCommand("select distinct coalesce(correlation_id, 'none') from events.mt_events where type = $1");
        read.Parameters.Add(new() { Value = type });
        await using var rows = await read.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var traces = new List<string>();
        while (await rows.ReadAsync(TestContext.Current.CancellationToken))
        {
            traces.Add(rows.GetString(0));
        }

        return traces;
    }

    private static string Here([CallerFilePath] string here = "") => here;

    [GeneratedRegex("\\b(guance|http_server)_[a-z_]+\\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Metric();
}
