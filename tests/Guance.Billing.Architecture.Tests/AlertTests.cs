using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Guance.Billing.Architecture.Tests;

/// <summary>What operators are woken by: each alert comes when it should (promtool), has its section in the runbook, and looks at metrics that there are (the story tests).</summary>
public sealed partial class AlertTests
{
    private static readonly string Folder = Path.Combine(Code.SourceFolder, "deploy", "prometheus");

    [Theory]
    [InlineData("check", "rules", "alerts.yml")]
    [InlineData("test", "rules", "alerts.test.yml")]
    public async Task Prometheus_takes_the_alerts_and_they_come_when_they_should(params string[] arguments)
    {
        var promtool = Environment.GetEnvironmentVariable("PROMTOOL") is { Length: > 0 } named ? named : "promtool";
        using var process = Process.Start(new ProcessStartInfo(promtool, arguments) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, $"{await output}\n{await errors}");
    }

    [Fact]
    public void Each_alert_is_tested_and_has_its_section_in_the_runbook()
    {
        var alerts = Alert().Matches(File.ReadAllText(Path.Combine(Folder, "alerts.yml"))).Select(match => match.Groups["name"].Value).ToArray();
        var (tests, runbook) = (File.ReadAllText(Path.Combine(Folder, "alerts.test.yml")), File.ReadAllText(Path.Combine(Code.SourceFolder, "deploy", "RUNBOOK.md")));
        alerts.Length.ShouldBeGreaterThan(5);
        foreach (var alert in alerts)
        {
            tests.ShouldContain($"name: {alert} comes\n");
            tests.ShouldContain($"name: {alert} does not come by itself\n");
            runbook.ShouldContain($"\n## {alert}\n");
        }

        Section().Matches(runbook).Select(match => match.Groups["name"].Value).ShouldBe(alerts, ignoreOrder: true);
    }

    [GeneratedRegex("- alert: (?<name>[A-Za-z]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Alert();

    [GeneratedRegex("^## (?<name>[A-Za-z]+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Section();
}
