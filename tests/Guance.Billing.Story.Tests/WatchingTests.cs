using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Guance.Billing.Story.Tests;

/// <summary>What alerts and the dashboard look at is told by the deployments.</summary>
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

    private static string Here([CallerFilePath] string here = "") => here;

    [GeneratedRegex("\\b(guance|http_server)_[a-z_]+\\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Metric();
}
