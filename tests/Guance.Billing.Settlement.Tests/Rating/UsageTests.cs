using System.Text.Json.Nodes;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Workspaces.Contracts;
using Microsoft.Extensions.DependencyInjection;
using static Guance.Billing.Settlement.Tests.Rating.RatedCenter;

namespace Guance.Billing.Settlement.Tests.Rating;

/// <summary>What sites tell, and how a charge that comes of it is shown and explained.</summary>
public sealed class UsageTests
{
    [Fact]
    public async Task An_old_telling_that_comes_again_changes_nothing()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        var (older, newer) = (center.Telling(center.Cell(workspace, "logs", 7, 5)), center.Telling(center.Cell(workspace, "logs", 7, 9)));
        await center.Deployment.DeliverAsync(center.Module, older, newer, older);
        await center.Deployment.DeliverAsync(center.Module, older);
        (await center.ScalarAsync<decimal>("select quantity from settlement.usage_hour")).ShouldBe(9);
    }

    [Fact]
    public async Task Usage_of_an_unknown_workspace_is_kept_shown_and_charged_once_it_is_bound()
    {
        await using var center = await StartAsync();
        await center.BindAsync();
        var unknown = Ids.Deterministic<WorkspaceId>("rated", "2");
        await center.TellAsync(center.Cell(unknown, "logs", 7, 1_000_000));
        await center.Deployment.DeliverAsync(center.Module, new UsageQuarantinedIntegrationEvent(
            Guid.Empty, 1, center.Begin, BillingCenter.Cn4, [new("wksp_x", "tea", "unknown-item", 3, center.Begin, center.Begin)]));
        await center.CloseAsync();
        using var client = await center.OperatorAsync();
        var kinds = (await client.ReadAsync("/api/operator/quarantine?site=cn4"))["items"]!.AsArray();
        kinds.Select(kind => ((string)kind!["workspaceId"]!, (string)kind["code"]!, (long)kind["count"]!)).ShouldBe(
            [(unknown.Value, "unknown-workspace-at-billing-center", 1), ("wksp_x", "unknown-item", 3)]);

        (await center.BindAsync(at: center.Begin)).ShouldBe(unknown);
        await center.Deployment.CaughtUpAsync();
        await TestKit.Eventually.Until(async () => await center.ScalarAsync<long>("select count(*) from settlement.usage_late") == 1);
        await center.CloseAsync(1);
        (await center.LinesAsync()).Select(line => (line.Workspace, line.AdjustsDay, line.Amount)).ShouldBe([(unknown, center.Day0, 1.2m)]);
        await center.Deployment.DeliverAsync(center.Module, new UsageQuarantinedIntegrationEvent(
            Guid.Empty, 2, center.Begin, BillingCenter.Cn4, [new("wksp_x", "tea", "unknown-item", 0, center.Begin, center.Begin)]));
        (await client.ReadAsync("/api/operator/quarantine"))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_site_speaks_for_its_own_workspaces_alone()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync(site: BillingCenter.Za1);
        await center.TellAsync(center.Cell(workspace, "logs", 7, 5));
        (await center.ScalarAsync<long>("select count(*) from settlement.usage_hour")).ShouldBe(0);
        using var client = await center.OperatorAsync();
        ((string)(await client.ReadAsync("/api/operator/quarantine"))["items"]![0]!["code"]!).ShouldBe("workspace-of-another-site");
    }

    [Fact]
    public async Task Totals_that_come_before_their_months_partition_move_into_it()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync();
        var far = center.Cell(workspace, "logs", 7, 5, day: 400);
        await center.TellAsync(far);
        (await center.ScalarAsync<long>("select count(*) from settlement.usage_hour_default")).ShouldBe(1);
        var month = center.Days.Of(far.Hour);
        await center.Deployment.SendAsync(new Guance.Billing.Settlement.Features.MakeMonth(new DateOnly(month.Year, month.Month, 1)));
        (await center.ScalarAsync<long>("select count(*) from settlement.usage_hour_default")).ShouldBe(0);
        (await center.ScalarAsync<string>("select tableoid::regclass::text from settlement.usage_hour")).ShouldBe($"settlement.usage_hour_{month:yyyy_MM}");
    }

    [Fact]
    public async Task A_charge_is_explained_from_its_hours_to_its_receipt_with_the_numbers_of_the_bill()
    {
        await using var center = await StartAsync();
        var workspace = await center.BindAsync(Cloud);
        await center.ChangePayerAsync(workspace, null, center.Begin.AddHours(12));
        await center.TellAsync(
            center.Cell(workspace, "logs", 7, 3_000, hour: 3), center.Cell(workspace, "logs", 7, 333, hour: 4), center.Cell(workspace, "logs", 7, 5, hour: 20), center.Cell(workspace, "time-series", 3, 6_000));
        await center.CloseAsync();
        center.Deployment.Services.GetRequiredService<Market>().Pushes.Add(
            new(new(CloudProvider.HuaweiCloud, "inst-1"), "sn-1", center.Day0, center.Begin, center.Begin, 1, UsagePushState.Accepted, null, null, center.Begin, center.Begin));
        using var client = await center.OperatorAsync();
        foreach (var line in await center.LinesAsync())
        {
            var told = await client.ReadAsync($"/api/charges/{line.Id}/explanation");
            ((string)told["line"]!["amount"]!["amount"]!).ShouldBe($"{line.Amount:0.00}");
            (Amount(told, "exact"), Amount(told, "carryIn"), Amount(told, "amount"), Amount(told, "carryOut")).ShouldBe((line.Exact, line.CarryIn, line.Amount, line.CarryOut));
            ((decimal)told["quantity"]!["quantity"]!, (bool)told["usageChangedSince"]!, (int)told["price"]!["version"]!).ShouldBe((line.Quantity, false, 1));
            told["push"]!.AsArray().Count.ShouldBe(line.Payer == CloudPayer ? 1 : 0);
        }

        var logs = (await center.LinesAsync()).Single(line => line is { Item: "logs", Payer: CloudPayer });
        var explained = await client.ReadAsync($"/api/charges/{logs.Id}/explanation");
        ((string)explained["formula"]!["numbers"]!).ShouldBe("3333 ÷ 1000000 × 1.2 = 0.0039996 CNY");
        explained["quantity"]!["hours"]!.AsArray().Select(hour => ((decimal)hour!["quantity"]!, (string)hour["parts"]![0]!["payer"]!)).ShouldBe(
            [(3_000, CloudPayer), (333, CloudPayer), (5, Center)]);
        var gauge = (await center.LinesAsync()).First(line => line.Item == "time-series");
        ((string)(await client.ReadAsync($"/api/charges/{gauge.Id}/explanation"))["formula"]!["numbers"]!).ShouldBe("6000 ÷ 1000 × 0.6 × 43200 ÷ 86400 = 1.8 CNY");

        // It changes afterwards: the explanation says so, and then names the line that adjusts.
        await center.TellAsync(center.Cell(workspace, "logs", 7, 10_000_333, hour: 4));
        ((bool)(await client.ReadAsync($"/api/charges/{logs.Id}/explanation"))["usageChangedSince"]!).ShouldBeTrue();
        await center.CloseAsync(1);
        var adjustment = (await center.LinesAsync(day: 1)).Single();
        ((string)(await client.ReadAsync($"/api/charges/{logs.Id}/explanation"))["adjustedBy"]![0]!).ShouldBe(adjustment.Id);
        explained = await client.ReadAsync($"/api/charges/{adjustment.Id}/explanation");
        (explained["adjustment"]!["chargedBefore"]!["amount"]!.Parse(), explained["adjustment"]!["chargedWithIt"]!["amount"]!.Parse(), (bool)explained["usageChangedSince"]!)
            .ShouldBe((0.0039996m, 12.0039996m, false));
    }

    [Fact]
    public async Task A_person_sees_only_the_bills_of_the_own_account()
    {
        await using var center = await StartAsync();
        var (mine, others) = (await center.BindAsync(), await center.BindAsync());
        await center.TellAsync([.. Enumerable.Range(0, 3).SelectMany(day => new[] { center.Cell(mine, "logs", 7, 1_000_000, day: day), center.Cell(others, "logs", 7, 1_000_000, day: day) })]);
        await center.CloseAsync(2);
        using var client = await center.OperatorAsync();
        var seen = new List<string>();
        for (var cursor = ""; ;)
        {
            var page = await client.ReadAsync($"/api/bills/daily?limit=2{cursor}");
            seen.AddRange(page["items"]!.AsArray().Select(bill => (string)bill!["id"]!));
            if (page["nextCursor"] is not { } next)
            {
                break;
            }

            cursor = $"&cursor={next}";
        }

        seen.Count.ShouldBe(6);
        seen.ShouldBeUnique();
        (await client.ReadAsync($"/api/bills/daily?workspaceId={mine}&from={center.Day0.AddDays(1):yyyy-MM-dd}&to={center.Day0.AddDays(1):yyyy-MM-dd}"))["items"]!.AsArray().Count.ShouldBe(1);
        (await client.SendAsync(HttpMethod.Get, $"/api/bills/daily?workspaceId={Ids.Deterministic<WorkspaceId>("none")}")).ShouldRefuse(404, "workspace-unknown");
        (await client.SendAsync(HttpMethod.Get, "/api/charges/line_1/explanation")).ShouldRefuse(404, "charge-unknown");
        (await center.Deployment.Browser().GetAsync("/api/bills/daily")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
    }

    private static decimal Amount(JsonNode explanation, string member) => explanation["rounding"]![member]!["amount"]!.Parse();
}

internal static class Numbers
{
    public static decimal Parse(this JsonNode text) => decimal.Parse((string)text!, System.Globalization.CultureInfo.InvariantCulture);
}
