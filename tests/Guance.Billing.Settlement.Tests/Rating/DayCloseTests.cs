using Guance.Billing.TestKit;
using Guance.Billing.Workspaces.Contracts;
using static Guance.Billing.Settlement.Tests.Rating.RatedCenter;

namespace Guance.Billing.Settlement.Tests.Rating;

/// <summary>Rules §7, on real PostgreSQL.</summary>
public sealed class DayCloseTests
{
    [Fact]
    public async Task The_worked_example_comes_to_13_40_in_five_lines()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        await center.TellAsync(
            center.Cell(workspace, "time-series", 3, 5_000, hour: 1), center.Cell(workspace, "time-series", 3, 6_000, hour: 9), center.Cell(workspace, "time-series", 3, 100, hour: 23),
            center.Cell(workspace, "logs", 7, 1_500_000, hour: 3), center.Cell(workspace, "logs", 7, 500_000, hour: 4),
            center.Cell(workspace, "apm-trace", 3, 2_000_000), center.Cell(workspace, "rum-pv", 3, 20_000), center.Cell(workspace, "task-calls", 0, 20_000));
        await center.CloseAsync();

        (await center.LinesAsync()).Select(line => (line.Item, line.Amount, line.Payer)).ShouldBe(
            [("apm-trace", 4m, Center), ("logs", 2.4m, Center), ("rum-pv", 1.4m, Center), ("task-calls", 2m, Center), ("time-series", 3.6m, Center)]);
        using var client = await center.OperatorAsync();
        var bill = (await client.ReadAsync($"/api/bills/daily?workspaceId={workspace}"))["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)bill["total"]!["amount"]!, (string)bill["date"]!).ShouldBe(("13.40", $"{center.Day0:yyyy-MM-dd}"));
        var run = (await client.ReadAsync("/api/operator/settlement-runs"))["items"]![0]!;
        ((string)run["state"]!, (long)run["bills"]!, (long)run["lines"]!, (string)run["total"]!["amount"]!).ShouldBe(("completed", 1, 5, "13.40"));
    }

    [Fact]
    public async Task A_payer_change_in_the_day_splits_counted_usage_by_time_and_a_gauge_by_seconds()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync(Cloud);
        var cut = center.Begin.AddHours(8).AddMinutes(20);
        await center.ChangePayerAsync(workspace, null, cut);
        await center.TellAsync(
            center.Cell(workspace, "logs", 7, 1_000_000, hour: 3), center.Cell(workspace, "logs", 7, 2_000_000, hour: 8), center.Cell(workspace, "logs", 7, 4_000_000, hour: 8, partFrom: cut),
            center.Cell(workspace, "logs", 7, 8_000_000, hour: 20), center.Cell(workspace, "time-series", 3, 10_000, hour: 5));
        await center.CloseAsync();

        var lines = await center.LinesAsync();
        lines.Where(line => line.Item == "logs").Select(line => (line.Payer, line.Quantity, line.Amount)).ShouldBe([(Center, 12_000_000m, 14.4m), (CloudPayer, 3_000_000m, 3.6m)]);
        // 6.00 for the day: 30,000 of its 86,400 seconds are the cloud account's, the billing account pays last and gets the rest.
        lines.Where(line => line.Item == "time-series").Select(line => (line.Payer, line.Exact, line.Amount, line.ShareNumerator, line.ShareDenominator)).ShouldBe(
            [(Center, 6m - 2.0833333333333333m, 3.92m, 56_400, 86_400), (CloudPayer, 2.0833333333333333m, 2.08m, 30_000, 86_400)]);
    }

    [Fact]
    public async Task Usage_after_the_close_becomes_an_adjustment_of_exactly_the_difference()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        var other = await center.BindAsync();
        await center.TellAsync(center.Cell(workspace, "logs", 7, 1_000_000), center.Cell(workspace, "network-host", 0, 3), center.Cell(other, "logs", 7, 1));
        await center.CloseAsync();
        await center.TellAsync(
            center.Cell(workspace, "logs", 7, 1_500_000), center.Cell(workspace, "logs", 14, 2_000_000, hour: 4), center.Cell(workspace, "network-host", 0, 2, hour: 7),
            center.Cell(workspace, "logs", 7, 1_000_000, day: 1));
        await center.CloseAsync(1);

        (await center.LinesAsync(workspace, 1)).Select(line => (line.Item, line.RetentionDays, line.AdjustsDay, line.Quantity, line.Amount)).ShouldBe(
        [
            ("logs", 7, null, 1_000_000m, 1.2m),
            ("logs", 7, center.Day0, 500_000m, 0.6m), ("logs", 14, center.Day0, 2_000_000m, 3m),
        ]);
        (await center.ScalarAsync<decimal>($"select total from settlement.bill where workspace = '{workspace.Uuid()}' order by day desc limit 1")).ShouldBe(4.8m);

        // A correction the other way, of the same day once more.
        await center.TellAsync(center.Cell(workspace, "logs", 7, 0));
        await center.CloseAsync(2);
        (await center.LinesAsync(workspace, 2)).Select(line => (line.AdjustsDay, line.Quantity, line.Amount)).ShouldBe([(center.Day0, -1_500_000m, -1.8m)]);
        (await center.LinesAsync(other)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_payer_change_that_is_known_after_the_close_moves_the_charge_to_whom_it_belongs()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync(Cloud);
        await center.TellAsync(center.Cell(workspace, "logs", 7, 1_000_000, hour: 3), center.Cell(workspace, "logs", 7, 2_000_000, hour: 20));
        await center.CloseAsync();
        await center.ChangePayerAsync(workspace, null, center.Begin.AddHours(12));
        await center.Deployment.CaughtUpAsync();
        await Eventually.Until(async () => await center.ScalarAsync<long>("select count(*) from settlement.usage_late") == 1);
        await center.CloseAsync(1);

        (await center.LinesAsync(workspace, 0)).Select(line => (line.Payer, line.Amount)).ShouldBe([(CloudPayer, 3.6m)]);
        (await center.LinesAsync(workspace, 1)).Select(line => (line.Payer, line.AdjustsDay, line.Amount)).ShouldBe([(Center, center.Day0, 2.4m), (CloudPayer, center.Day0, -2.4m)]);
    }

    [Fact]
    public async Task What_rounding_leaves_is_carried_and_never_dropped()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        const int Count = 12;
        await center.TellAsync([.. Enumerable.Range(0, Count).Select(day => center.Cell(workspace, "logs", 7, 3_333, day: day))]);
        for (var day = 0; day < Count; day++)
        {
            await center.CloseAsync(day);
        }

        var lines = await center.LinesAsync(workspace);
        lines.Count.ShouldBe(Count);
        lines.Sum(line => line.Exact).ShouldBe(Count * 3_333m / 1_000_000m * 1.2m);
        lines.ShouldAllBe(line => line.Amount == decimal.Round(line.Exact + line.CarryIn, 2, MidpointRounding.AwayFromZero) && line.CarryOut == line.Exact + line.CarryIn - line.Amount);
        lines.Zip(lines.Skip(1)).ShouldAllBe(pair => pair.First.CarryOut == pair.Second.CarryIn);
        (lines.Sum(line => line.Amount) + lines[^1].CarryOut).ShouldBe(lines.Sum(line => line.Exact));
        lines.Select(line => line.Amount).Distinct().Count().ShouldBe(2, "some days show no cent, some one");
    }

    [Fact]
    public async Task Missed_days_are_closed_in_order_before_the_one_that_is_asked_for()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        await center.TellAsync(center.Cell(workspace, "logs", 7, 1_000_000), center.Cell(workspace, "logs", 7, 2_000_000, day: 2));
        using var client = await center.OperatorAsync();
        (await client.SendAsync(HttpMethod.Post, "/api/operator/settlement-runs", new { date = center.Day0 })).ShouldRefuse(409, "day-not-over");
        await center.CloseAsync(2);
        await center.CloseAsync(2);
        await center.CloseAsync(0);

        (await center.LinesAsync()).Select(line => (line.Day, line.Amount)).ShouldBe([(center.Day0, 1.2m), (center.Day0.AddDays(2), 2.4m)]);
        (await center.ScalarAsync<long>($"select count(*) from settlement.day_close where day between '{center.Day0:yyyy-MM-dd}' and '{center.Day0.AddDays(2):yyyy-MM-dd}' and state = 'completed'")).ShouldBe(3);
        (await client.SendAsync(HttpMethod.Post, "/api/operator/settlement-runs", new { date = center.Day0.AddDays(-300) })).ShouldRefuse(409, "day-before-first");
        (await client.SendAsync(HttpMethod.Post, "/api/operator/settlement-runs", new { date = "0001-01-01" })).ShouldRefuse(400, "date-too-early");
        (await client.SendAsync(HttpMethod.Post, "/api/operator/settlement-runs", new { })).ShouldRefuse(400, "date-required");
    }

    [Fact]
    public async Task The_job_waits_for_sites_to_tell_all_of_a_day_but_not_for_ever()
    {
        await using var center = await StartAsync();
        await center.BindAsync();
        center.Deployment.Clock.Advance(center.Days.End(center.Day0).AddMinutes(2) - center.Deployment.Clock.GetUtcNow());
        await center.RunJobsAsync();
        (await ClosedAsync()).ShouldBeFalse("cn4 may still tell");
        await center.Deployment.DeliverAsync(center.Module, new UsageToldThroughIntegrationEvent(Guid.Empty, 1, center.Days.End(center.Day0), BillingCenter.Cn4, center.Days.End(center.Day0)));
        await center.RunJobsAsync();
        (await ClosedAsync()).ShouldBeTrue();

        center.Deployment.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(20));
        await center.RunJobsAsync();
        (await ClosedAsync(1)).ShouldBeTrue("nothing was told for longer than is reasonable");

        Task<bool> ClosedAsync(int day = 0) => center.ScalarAsync<bool>($"select exists (select from settlement.day_close where day = '{center.Day0.AddDays(day):yyyy-MM-dd}')");
    }

    [Fact]
    public async Task A_parked_account_is_left_out_and_its_days_are_made_up_in_order()
    {
        await using var center = await StartAsync();
        var (good, bad) = (await center.BindAsync(), await center.BindAsync());
        var account = (await center.ScalarAsync<string>($"select account_key::text from settlement.mt_doc_workspacesettlement where id = '{bad}'"))!;
        await ExecuteAsync($"insert into settlement.parked_account (account_id, since, violation_id) values ('{account}', now(), 'v') returning 1");
        foreach (var day in new[] { 0, 1 })
        {
            await center.TellAsync(center.Cell(good, "logs", 7, 3_333, day: day), center.Cell(bad, "logs", 7, 3_333, day: day));
            await center.CloseAsync(day);
        }

        (await center.LinesAsync(bad)).ShouldBeEmpty();
        (await center.LinesAsync(good)).Count.ShouldBe(2);
        await ExecuteAsync("delete from settlement.parked_account returning 1");
        await center.RunJobsAsync();
        (await center.LinesAsync(bad)).Select(line => (line.Day, line.Amount, line.CarryOut)).ShouldBe((await center.LinesAsync(good)).Select(line => (line.Day, line.Amount, line.CarryOut)));

        Task<int> ExecuteAsync(string sql) => center.ScalarAsync<int>(sql);
    }
}
