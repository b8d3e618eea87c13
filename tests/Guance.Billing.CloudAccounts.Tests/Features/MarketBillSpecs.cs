using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Guance.Billing.CloudAccounts.Tests.Features;

/// <summary>The market's monthly file against what it had taken, and what only shows there (rules §8; protocol §5.2.6, §9).</summary>
[Collection(MarketFixture.CollectionName)]
public sealed class MarketBillSpecs(MarketFixture market)
{
    [Fact]
    public async Task A_rejection_that_shows_only_in_the_bill_is_found_and_what_it_held_goes_out_again()
    {
        await using var held = await market.HoldPushesAsync();
        while (market.Clock.GetUtcNow().Day > 25)
        {
            market.EndDay(); // so that all of it is in one month
        }

        var (instance, other) = ((await market.BuyAsync()).InstanceId, (await market.BuyAsync()).InstanceId);
        var day = market.EndDay();
        await market.StateAsync(other, 1, day, 2m, 2m);
        await market.PushAsync();
        await market.StateAsync(instance, 1, day, 7m, 7m);
        await using (await market.FaultAsync(new { rejectRecords = 1.0, hideAbnormal = true }))
        {
            await market.PushAsync();
        }

        var hidden = (await market.PushesAsync(instance)).ShouldHaveSingleItem();
        hidden.Text("state").ShouldBe("accepted"); // as far as anybody could know
        var month = await CollectAsync();
        var bill = await market.BillAsync(month);
        var (_, preview) = await market.ImportAsync(bill, preview: true);
        DifferenceOf(preview, instance).ShouldBe((7m, 0m, hidden.Text("meteringSn")));
        DifferenceOf(preview, other).ShouldBeNull();
        (await BilledAsync(day, instance)).ShouldBeNull("a preview imports nothing");

        (await market.ImportAsync(bill)).Answer.Text("version").ShouldBe("1");
        (await BilledAsync(day, instance)).ShouldBe(0m);
        (await BilledAsync(day, other)).ShouldBe(2m);
        var path = $"/api/operator/usage-pushes/{hidden.Text("meteringSn")}/mark-rejected";
        foreach (var (reason, status) in new[] { ("", HttpStatusCode.BadRequest), ("not in the file of " + month, HttpStatusCode.OK), ("again", HttpStatusCode.OK) })
        {
            using var answer = await market.OperateAsync(path, new { reason });
            answer.StatusCode.ShouldBe(status);
        }

        await market.PushAsync();
        await market.PushAsync();
        (await market.ChargedAsync(instance)).ShouldBe(7m);
        (await market.PushesAsync(instance)).Select(push => (push.Text("state"), push.Text("reason"))).ShouldBe([("accepted", ""), ("rejected", "not in the file of " + month)]);

        // A later file of the month replaces the first one's lines.
        await CollectAsync();
        (await market.ImportAsync(bill)).Answer.Text("version").ShouldBe("1", "it is the same file");
        var (_, second) = await market.ImportAsync(await market.BillAsync(month));
        second.Text("version").ShouldBe("2");
        DifferenceOf(second, instance).ShouldBeNull();
        (await BilledAsync(day, instance)).ShouldBe(7m);
    }

    [Fact]
    public async Task A_file_with_a_fault_is_refused_whole_with_the_numbers_of_its_lines()
    {
        var (status, answer) = await market.ImportAsync(
            """
            month,instance_id,day,amount,currency,metering_sn
            2026-03,i-1,2026-03-05,13.40,CNY,sn-1
            2026-03,"i,2",2026-03-05,1.0000,CNY,
            2026-04,i-1,2026-03-06,1,CNY,sn-2
            2026-03,,05.03.2026,one,USD,sn-1
            """);

        status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Text("code").ShouldBe("market-bill-invalid");
        answer.GetProperty("lines").EnumerateArray().Select(fault => fault.GetProperty("line").GetInt32()).ShouldBe([4, 5, 5, 5, 5, 5]);
        (await market.ImportAsync("month;instance_id\n2026-03;i-1\n")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await market.ImportAsync("")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    /// <summary>Lets the market collect what it has; the month in which it did.</summary>
    private async Task<string> CollectAsync()
    {
        var now = market.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(8));
        var collection = now.AddHours(23).Date.AddHours(1);
        market.Clock.Advance(collection.AddSeconds(1) - now.DateTime);
        var month = collection.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        await market.BillAsync(month);
        return month;
    }

    private async Task<decimal?> BilledAsync(DateOnly day, string instance) => (await market.ListDaysAsync(day, day, instance)).Single().Billed;

    private static (decimal Accepted, decimal Billed, string NotBilled)? DifferenceOf(JsonElement report, string instance)
    {
        var found = report.GetProperty("differences").EnumerateArray().Where(difference => difference.Text("instanceId") == instance).ToArray();
        return found.Length == 0 ? null : (Amount(found[0], "accepted"), Amount(found[0], "billed"), string.Join(' ', found[0].GetProperty("notBilled").EnumerateArray()));

        static decimal Amount(JsonElement item, string name) => decimal.Parse(item.GetProperty(name).Text("amount"), CultureInfo.InvariantCulture);
    }
}
