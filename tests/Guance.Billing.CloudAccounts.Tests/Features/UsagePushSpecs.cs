using System.Globalization;
using System.Net;
using System.Text.Json;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Features;
using HuaweiCloud.Marketplace;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>From what Settlement states to what the market charges (rules §8; protocol §5.2), against the market's own verdicts.</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class UsagePushSpecs(MarketFixture market)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_a_day_added_is_pushed_once_in_the_window_of_the_day_and_the_buyer_sees_it()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, bought, day) = await BuyAndEndDayAsync();

        await market.StateAsync(instance, 1, day, 13.40m, 13.40m);
        await market.StateAsync(instance, 1, day, 13.40m, 13.40m);
        await market.PushAsync();
        await market.PushAsync();

        var record = (await market.UsageAsync(instance)).ShouldHaveSingleItem();
        (record.Text("usageValue"), record.Text("verdict")).ShouldBe(("13.4", "pending"));
        record.GetProperty("beginTime").GetDateTimeOffset().ShouldBe(bought);
        record.GetProperty("endTime").GetDateTimeOffset().ShouldBe(EndOf(day));
        (await market.AtRiskAsync(instance)).ShouldBeNull();
        (await market.ChangeAsync(instance, "query")).GetProperty("instance").GetProperty("usageInformation")[0].GetProperty("usageValue").GetDecimal().ShouldBe(13.40m);
        market.Clock.Advance(TimeSpan.FromHours(1));
        (await market.UsageAsync(instance)).ShouldHaveSingleItem().Text("verdict").ShouldBe("collected");
    }

    [Fact]
    public async Task Only_the_latest_statement_counts_and_what_falls_below_four_decimals_is_carried()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, _, day) = await BuyAndEndDayAsync();

        await market.StateAsync(instance, 2, day, 0.500_07m, 1.000_07m);
        await market.StateAsync(instance, 1, day.AddDays(-1), 0.5m, 0.5m); // overtaken
        await market.PushAsync();
        await market.StateAsync(instance, 3, market.EndDay(), 0.000_07m, 1.000_14m);
        await market.PushAsync();
        await market.StateAsync(instance, 4, market.EndDay(), -0.5m, 0.500_14m);
        await market.PushAsync();
        await market.StateAsync(instance, 5, market.EndDay(), 1m, 1.500_14m);
        await market.PushAsync();

        (await market.UsageAsync(instance)).Select(record => record.Text("usageValue")).ShouldBe(["1", "0.0001", "0.5"]);
        (await market.ChargedAsync(instance)).ShouldBe(1.5001m);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_process_killed_between_two_steps_leaves_the_end_that_an_undisturbed_one_leaves(int steps)
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, _, day) = await BuyAndEndDayAsync();
        await market.StateAsync(instance, 1, day, 13.40m, 13.40m);

        // Kept; kept and taken; kept, taken and sent: and then it died.
        await market.BillingCenter.SendAsync(new PrepareUsagePushes(""));
        if (steps > 0)
        {
            var taken = await market.BillingCenter.SendAsync(new TakeUsagePushes(market.Clock.GetUtcNow(), 1000));
            taken.ShouldHaveSingleItem().InstanceId.ShouldBe(instance);
            if (steps > 1)
            {
                await market.BillingCenter.Services.GetRequiredService<HuaweiMarketplaceClient>().PushUsageAsync([.. taken.Select(
                    record => new UsageRecord(record.InstanceId, record.MeteringSn, record.PreparedAt, record.BeginsAt, record.EndsAt, record.Amount))], Cancel);
            }
        }

        await market.PushAsync(3, Minute);

        (await market.ChargedAsync(instance)).ShouldBe(13.40m);
        (await market.PushesAsync(instance)).ShouldHaveSingleItem().Text("state").ShouldBe("accepted");
        (await market.AtRiskAsync(instance)).ShouldBeNull();
    }

    [Fact]
    public async Task Every_answer_lost_once_charges_nothing_twice()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, _, day) = await BuyAndEndDayAsync();
        await market.StateAsync(instance, 1, day, 5m, 5m);
        await using (await market.FaultAsync(new { losePushAnswer = 1.0 }))
        {
            await market.PushAsync();
        }

        var risk = (await market.AtRiskAsync(instance)).ShouldNotBeNull();
        (Amount(risk, "amount"), Amount(risk, "unanswered"), Amount(risk, "unsent")).ShouldBe((5m, 5m, 0m));
        await market.PushAsync(2, Minute);

        (await market.ChargedAsync(instance)).ShouldBe(5m);
        var push = (await market.PushesAsync(instance)).ShouldHaveSingleItem();
        push.Text("state").ShouldBe("accepted");
        push.GetProperty("answers").EnumerateArray().Select(answer => answer.Text("verdict")).ShouldBe(["unanswered", "doubtful", "accepted"]);
    }

    [Fact]
    public async Task A_rejected_record_shows_its_reason_and_goes_out_again_later_in_a_new_window()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, _, day) = await BuyAndEndDayAsync();
        await market.StateAsync(instance, 1, day, 7m, 7m);
        await using (await market.FaultAsync(new { rejectRecords = 1.0 }))
        {
            await market.PushAsync();
            await market.PushAsync();

            var risk = (await market.AtRiskAsync(instance)).ShouldNotBeNull();
            (Amount(risk, "amount"), Amount(risk, "unsent"), Amount(risk, "unanswered")).ShouldBe((7m, 0m, 0m));
            risk.GetProperty("rejected").Text("code").ShouldBe("013");
            risk.GetProperty("rejected").Text("reason").ShouldContain("state does not allow it");
            risk.Text("waitsFor").ShouldBe("rejected");
            (await market.UsageAsync(instance)).Count.ShouldBe(1, "it is not tried again at once");

            // For a day: refused again and again, less and less often.
            await market.PushAsync(24 * 12, TimeSpan.FromMinutes(5));
            (await market.UsageAsync(instance)).Count.ShouldBeInRange(8, 22);
        }

        using (var answer = await market.OperateAsync("/api/operator/usage-pushes/retry", new { instanceId = instance }))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        }

        await market.PushAsync();
        (await market.ChargedAsync(instance)).ShouldBe(7m);
        var pushes = await market.PushesAsync(instance);
        pushes.Select(push => push.Text("state")).Distinct().ShouldBe(["accepted", "rejected"]);
        pushes.Select(push => push.Text("beginsAt")).ShouldBeUnique();
    }

    [Fact]
    public async Task Rejections_and_lost_answers_together_over_days_charge_everything_once()
    {
        await using var held = await market.HoldPushesAsync();
        var (first, _, day) = await BuyAndEndDayAsync();
        var instances = new List<string> { first, (await market.BuyAsync()).InstanceId, (await market.BuyAsync()).InstanceId };
        var total = 0m;
        await using (await market.FaultAsync(new { rejectRecords = 0.4, losePushAnswer = 0.4, seed = 11 }))
        {
            for (var version = 1; version <= 5; version++)
            {
                day = market.EndDay();
                total += 1.11m;
                foreach (var instance in instances)
                {
                    await market.StateAsync(instance, version, day, 1.11m, total);
                }

                await market.PushAsync(5, TimeSpan.FromMinutes(3));
            }
        }

        await market.PushAsync(8, TimeSpan.FromMinutes(30));

        foreach (var instance in instances)
        {
            (await market.ChargedAsync(instance)).ShouldBe(total);
            (await market.AtRiskAsync(instance)).ShouldBeNull();
        }
    }

    [Fact]
    public async Task An_outage_of_days_is_caught_up_by_itself()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, bought, day) = await BuyAndEndDayAsync();
        await using (await market.FaultAsync(new { down = true }))
        {
            await market.StateAsync(instance, 1, day, 1m, 1m);
            await market.PushAsync();
            for (var version = 2; version <= 4; version++)
            {
                await market.StateAsync(instance, version, market.EndDay(), 1m, version);
                await market.PushAsync();
            }

            var risk = (await market.AtRiskAsync(instance)).ShouldNotBeNull();
            risk.Text("oldestDay").ShouldBe(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            risk.GetProperty("refusedAt").GetDateTimeOffset().ShouldBe(EndOf(day).AddDays(20));
        }

        await market.PushAsync(1, TimeSpan.FromMinutes(10));

        var records = await market.UsageAsync(instance);
        records.ShouldAllBe(record => record.Text("verdict") != "rejected");
        records.Select(record => record.GetProperty("beginTime").GetDateTimeOffset()).Min().ShouldBe(bought);
        (await market.ChargedAsync(instance)).ShouldBe(4m);
    }

    [Fact]
    public async Task Two_nodes_at_once_push_everything_once()
    {
        await using var held = await market.HoldPushesAsync();
        await using var node = await market.BillingCenter.StartNodeAsync();
        var instances = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ => (await market.BuyAsync()).InstanceId));
        var day = market.EndDay();
        foreach (var instance in instances)
        {
            await market.StateAsync(instance, 1, day, 2m, 2m);
        }

        await Task.WhenAll(market.PushAsync(), market.PushAsync(node.Services), market.PushAsync(), market.PushAsync(node.Services));
        await market.PushAsync(2, Minute);

        foreach (var instance in instances)
        {
            (await market.UsageAsync(instance)).Select(record => record.Text("verdict")).ShouldBe(["pending"]);
            (await market.PushesAsync(instance)).ShouldHaveSingleItem().Text("state").ShouldBe("accepted");
        }
    }

    [Fact]
    public async Task A_record_that_makes_the_market_refuse_a_whole_push_holds_up_no_other()
    {
        await using var held = await market.HoldPushesAsync();
        var instances = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await market.BuyAsync()).InstanceId));
        var day = market.EndDay();
        foreach (var instance in instances)
        {
            await market.StateAsync(instance, 1, day, 3m, 3m);
        }

        await using (await market.FaultAsync(new { refuseInstance = instances[2] }))
        {
            await market.PushAsync();
        }

        foreach (var instance in instances.Except([instances[2]]))
        {
            (await market.ChargedAsync(instance)).ShouldBe(3m);
        }

        (await market.AtRiskAsync(instances[2])).ShouldNotBeNull().GetProperty("rejected").Text("code").ShouldBe("MKT.9001");
        await market.PushAsync(1, Minute);
        (await market.ChargedAsync(instances[2])).ShouldBe(3m);
    }

    [Fact]
    public async Task Usage_of_a_closed_subscription_is_pushed_up_to_the_closing_instant_whichever_comes_first()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, _, day) = await BuyAndEndDayAsync();
        await market.StateAsync(instance, 1, day, 1m, 1m);
        await market.PushAsync();
        market.Clock.Advance(TimeSpan.FromHours(3));
        await market.ChangeAsync(instance, "close");
        var closed = (await market.FindAsync(instance, CloudSubscriptionState.Closed)).ClosedAt!.Value; // it is closed

        day = market.EndDay();
        await market.StateAsync(instance, 2, day, 2m, 3m);
        await market.PushAsync();
        await market.StateAsync(instance, 3, market.EndDay(), 4m, 7m); // late usage, told a day later
        await market.PushAsync();

        var records = await market.UsageAsync(instance);
        records.Select(record => record.Text("verdict")).ShouldNotContain("rejected");
        records.Skip(1).ShouldAllBe(record => closed - record.GetProperty("endTime").GetDateTimeOffset() < TimeSpan.FromSeconds(1));
        (await market.ChargedAsync(instance)).ShouldBe(7m);
        (await market.ListDaysAsync(day.AddDays(-1), day.AddDays(1), instance)).Select(d => (d.Stated, d.Accepted)).ShouldBe([(1m, 1m), (2m, 2m), (4m, 4m)]);
    }

    [Fact]
    public async Task What_a_closed_subscription_owes_after_21_days_is_shown_as_lost()
    {
        await using var held = await market.HoldPushesAsync();
        var (instance, _, day) = await BuyAndEndDayAsync();
        await market.ChangeAsync(instance, "close");
        await market.FindAsync(instance, CloudSubscriptionState.Closed);
        market.Clock.Advance(TimeSpan.FromDays(21));

        await market.StateAsync(instance, 1, day, 9m, 9m);
        await market.PushAsync();

        (await market.UsageAsync(instance)).ShouldBeEmpty();
        var risk = (await market.AtRiskAsync(instance)).ShouldNotBeNull();
        (risk.GetProperty("isLost").GetBoolean(), risk.Text("waitsFor"), Amount(risk, "unsent"), risk.Text("timeLeft")).ShouldBe((true, "too-late", 9m, "00:00:00"));
    }

    [Fact]
    public async Task What_an_unknown_subscription_owes_waits_until_it_is_known()
    {
        await using var held = await market.HoldPushesAsync();
        var instance = $"instance-{Ids.DeterministicGuid(TestContext.Current.Test!.UniqueID)}"; // a test runs
        await market.StateAsync(instance, 1, market.EndDay(), 9m, 9m);

        await market.PushAsync();
        await market.PushAsync();

        (await market.PushesAsync(instance)).ShouldBeEmpty();
        var risk = (await market.AtRiskAsync(instance)).ShouldNotBeNull();
        (risk.Text("waitsFor"), Amount(risk, "unsent")).ShouldBe(("not-yet", 9m));
    }

    [Fact]
    public async Task What_is_most_urgent_comes_first_and_pages_go_on_where_the_last_ended()
    {
        await using var held = await market.HoldPushesAsync();
        var instances = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (await market.BuyAsync()).InstanceId));
        await using var down = await market.FaultAsync(new { down = true });
        foreach (var instance in instances)
        {
            await market.StateAsync(instance, 1, market.EndDay(), 9m, 9m);
        }

        var seen = new List<string>();
        for (string? cursor = "", from = ""; cursor is not null; from = $"&cursor={Uri.EscapeDataString(cursor ?? "")}")
        {
            var page = await market.LookAsync("/api/operator/at-risk?limit=1" + from);
            seen.Add(page.GetProperty("items").EnumerateArray().Single().Text("instanceId"));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        seen.Where(instances.Contains).ShouldBe(instances);
        seen.ShouldBeUnique();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static decimal Amount(JsonElement item, string name) => decimal.Parse(item.GetProperty(name).Text("amount"), CultureInfo.InvariantCulture);

    private static DateTimeOffset EndOf(DateOnly day) => new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.FromHours(8)).ToUniversalTime();

    private async Task<(string Instance, DateTimeOffset BoughtAt, DateOnly Day)> BuyAndEndDayAsync()
    {
        var order = await market.PlaceOrderAsync();
        var instance = (await market.RunningAsync(order.OrderLineId)).Text("instanceId");
        var bought = (await market.OfOrderAsync(order.OrderId)).Single().OrderPlacedAt!.Value; // it runs
        return (instance, bought, market.EndDay());
    }
}
