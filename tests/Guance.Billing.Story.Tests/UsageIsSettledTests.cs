using System.Globalization;
using System.Text.Json.Nodes;

namespace Guance.Billing.Story.Tests;

/// <summary>From an agent's events at two sites to the bill, the wallet and the market: over HTTP only.</summary>
public sealed class UsageIsSettledTests(AWorld world) : IClassFixture<AWorld>
{
    /// <summary>The worked example of rules §7, in events: 3.6 + 2.4 + 4 + 1.4 + 2.</summary>
    private static readonly (string Item, decimal Quantity, int? Retention)[] WorkedExample =
    [
        ("time-series", 6_000, 3), ("logs", 1_500_000, 7), ("logs", 500_000, 7), ("apm-trace", 2_000_000, 3), ("rum-pv", 20_000, 3), ("task-calls", 20_000, null),
    ];

    [Fact]
    public async Task The_worked_example_is_billed_at_13_40_deducted_in_the_documented_order_and_its_remainder_reaches_the_market_once()
    {
        using var me = new Customer(world.Places, world.New("usage"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspace = await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        await me.SignInToBillingCenterAsync();
        using var staff = await world.StaffAsync(world.Places.BillingCenterUrl);
        var account = Text(await me.BillingCenter.GetAsync("/api/billing-account"), "id");
        var now = await world.NowAsync();
        await staff.PostAsync($"/api/operator/billing-accounts/{account}/vouchers", new { kind = "full-reduction", faceValue = AWorld.Cny("2"), expiresAt = now.AddDays(30) });
        await staff.PostAsync($"/api/operator/billing-accounts/{account}/vouchers", new { kind = "ordinary", faceValue = AWorld.Cny("5"), expiresAt = now.AddDays(60) });

        var events = WorkedExample.Select((used, number) => AWorld.Event(workspace, $"event-{number}", used.Item, used.Quantity, used.Retention, now)).ToArray();
        using var agent = await world.StaffAsync(world.Places.Cn4Url);
        var taken = await agent.PostAsync("/api/usage", events);
        (taken["accepted"]!.GetValue<int>(), taken["quarantined"]!.AsArray().Count).ShouldBe((6, 0), taken.ToJsonString());
        (await agent.PostAsync("/api/usage", events))["duplicates"]!.GetValue<int>().ShouldBe(6, "an agent that is not sure sends again");
        await world.ToldAsync(workspace, WorkedExample.Sum(used => used.Quantity));
        var day = await world.CloseTheDayAsync(staff);

        var bill = Items(await me.BillingCenter.GetAsync($"/api/bills/daily?workspaceId={workspace}")).ShouldHaveSingleItem();
        (Text(bill["total"]!, "amount"), Text(bill, "date")).ShouldBe(("13.40", day));
        var balances = (await me.BillingCenter.GetAsync("/api/billing-account"))["balances"]!;
        (Text(balances["vouchers"]!, "amount"), Text(balances["cash"]!, "amount"), Text(balances["arrears"]!, "amount")).ShouldBe(("0.00", "0.00", "0.00"));
        var charged = Items(await me.BillingCenter.GetAsync("/api/journal?limit=100")).Single(entry => Text(entry, "reference") == Text(bill, "id"));
        charged.ToJsonString().ShouldContain("6.40");

        var pushed = await PushedAsync(instanceId, 6.40m);
        pushed.Count.ShouldBe(1, "once");
        (await staff.GetAsync("/api/operator/at-risk")).ToJsonString().ShouldNotContain(instanceId);
        var lines = bill["lines"]!.AsArray().Select(line => line!).ToArray();
        lines.Length.ShouldBe(5);
        var explained = await me.BillingCenter.GetAsync($"/api/charges/{Text(lines.Single(line => Text(line, "item") == "logs"), "id")}/explanation");
        Text(explained["formula"]!, "numbers").ShouldBe("2000000 ÷ 1000000 × 1.2 = 2.4 CNY");
        explained["deductions"]!.AsArray().Select(paid => Text(paid!["amount"]!, "amount")).ShouldBe(["5.00", "2.00", "6.40"], "ordinary voucher, full-reduction voucher, cloud account");
        explained["push"]!.AsArray().ShouldHaveSingleItem()!["state"]!.GetValue<string>().ShouldBe("accepted");
        var (_, file) = await world.MarketBillAsync(staff);
        (await staff.SendTextAsync(HttpMethod.Post, "/api/operator/marketplace-bills", file, "text/csv")).MustSucceed();
        var subscription = await ReconciledAsync(staff, instanceId, day);
        (subscription["isInOrder"]!.GetValue<bool>(), subscription["rated"]!.GetValue<decimal>(), subscription["accepted"]!.GetValue<decimal>(), subscription["billed"]?.GetValue<decimal>())
            .ShouldBe((true, 6.4m, 6.4m, 6.4m));
        Items(await staff.GetAsync("/api/operator/violations")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Usage_of_two_sites_before_and_after_a_change_of_method_has_one_payer_each_and_late_usage_is_adjusted()
    {
        using var me = new Customer(world.Places, world.New("twosites"));
        var (accountId, instanceId) = await me.BuyAsync();
        await me.RegisterWithHuaweiAsync(world.Places.Cn4Url, accountId);
        var southAfrica = await me.RegisterAndAttachAsync(world.Places.Za1Url);
        await me.SignInToBillingCenterAsync();
        using var staff = await world.StaffAsync(world.Places.BillingCenterUrl);
        using var agent = await world.StaffAsync(world.Places.Za1Url);
        // 10 K task calls at an overseas site are 2.00.
        var before = await world.NowAsync();
        await TakenAsync(agent, AWorld.Event(southAfrica, "before", "task-calls", 10_000, null, before));
        (await me.ChangeToHuaweiAsync(southAfrica, accountId, instanceId)).MustSucceed();
        await me.SeesAtSiteAsync(world.Places.Za1Url, southAfrica, "the site knows", workspace => workspace.Method() == "huawei-cloud");
        var after = await world.NowAsync();
        await TakenAsync(agent, AWorld.Event(southAfrica, "after", "task-calls", 20_000, null, after));
        await world.ToldAsync(southAfrica, 30_000);
        await world.CloseTheDayAsync(staff);

        var bill = Items(await me.BillingCenter.GetAsync($"/api/bills/daily?workspaceId={southAfrica}")).ShouldHaveSingleItem();
        bill["lines"]!.AsArray().Select(line => (Text(line!, "payer"), Text(line!["amount"]!, "amount"))).ShouldBe(
            [("billing-center", "2.00"), ($"huawei-cloud/{instanceId}", "4.00")], ignoreOrder: true);
        await PushedAsync(instanceId, 4m);

        await TakenAsync(agent, AWorld.Event(southAfrica, "late", "task-calls", 5_000, null, after));
        await world.ToldAsync(southAfrica, 35_000);
        await world.CloseTheDayAsync(staff);
        var adjusting = Items(await me.BillingCenter.GetAsync($"/api/bills/daily?workspaceId={southAfrica}")).Last()["lines"]!.AsArray().ShouldHaveSingleItem()!;
        (Text(adjusting, "adjustsDate"), Text(adjusting["amount"]!, "amount")).ShouldBe((Text(bill, "date"), "1.00"));
        await PushedAsync(instanceId, 5m);
    }

    /// <summary>Waits until the market has taken the amount for the instance; gives its records.</summary>
    private async Task<IReadOnlyList<JsonNode>> PushedAsync(string instanceId, decimal amount)
    {
        using var market = new Person(world.Places.MarketplaceUrl);
        return await UntilAsync(
            $"{amount} reached the market",
            async () => (IReadOnlyList<JsonNode>)[.. Items(await market.GetAsync($"/sim/usage?instanceId={instanceId}"))],
            records => records.Sum(record => decimal.Parse(Text(record, "usageValue"), CultureInfo.InvariantCulture)) == amount);
    }

    private static async Task TakenAsync(Person agent, object e)
    {
        var answer = await agent.PostAsync("/api/usage", new[] { e });
        answer["accepted"]!.GetValue<int>().ShouldBe(1, answer.ToJsonString());
    }

    private static async Task<JsonNode> ReconciledAsync(Person staff, string instanceId, string day) =>
        Items(await staff.GetAsync($"/api/operator/reconciliation?from={day}&to={day}&limit=500")).Single(one => Text(one, "instanceId") == instanceId);
}
