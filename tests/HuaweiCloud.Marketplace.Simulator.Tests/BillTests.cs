using System.Net;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class BillTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Body(string id, string sn, string end) =>
        $$"""{"usage_records":[{"begin_time":"20260305T090000Z","end_time":"{{end}}","instance_id":"{{id}}","metering_sn":"{{sn}}","record_time":"20260305T100000Z","usage_value":"1.5"}]}""";

    [Fact]
    public async Task The_monthly_file_holds_what_was_collected_and_nothing_that_was_rejected()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();
        market.Clock.Advance(TimeSpan.FromHours(8)); // 00:20 of the next day in Beijing
        await market.PushAsync(Body(id, "sn-1", "20260305T160000Z"));
        await market.FaultsAsync("""{"rejectRecords":1,"hideAbnormal":true}""");
        await market.PushAsync(Body(id, "sn-2", "20260305T150000Z"));
        const string Header = "month,instance_id,day,amount,currency,metering_sn\n";
        (await market.Http.GetStringAsync("/sim/bills/2026-03.csv", Cancel)).ShouldBe(Header, "it is not collected yet");

        market.Clock.Advance(TimeSpan.FromHours(1));

        (await market.Http.GetStringAsync("/sim/bills/2026-03.csv", Cancel)).ShouldBe($"{Header}2026-03,{id},2026-03-05,1.5,CNY,sn-1\n");
        (await market.Http.GetStringAsync("/sim/bills/2026-02.csv", Cancel)).ShouldBe(Header);
        using var wrong = await market.Http.GetAsync("/sim/bills/march.csv", Cancel);
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_record_of_an_instance_that_is_refused_on_purpose_refuses_the_whole_push()
    {
        await using var market = await MarketFixture.StartAsync();
        var id = await market.RunningAsync();
        await market.FaultsAsync(JsonSerializer.Serialize(new { refuseInstance = id }));

        (await market.PushAsync(Body(id, "sn-1", "20260305T100000Z"))).Json.GetProperty("error_code").GetString().ShouldBe("MKT.9001");
        (await market.ItemsAsync("/sim/usage")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Prepaid_cards_are_ordered_by_the_piece_and_a_discount_changes_only_what_is_paid()
    {
        await using var market = await MarketFixture.StartAsync();
        var line = await market.OrderAsync("prepaid-card", ""","quantity":3,"discountPercent":10""");
        await market.StatusAsync(line, "running");

        var order = (await market.QueryOrderAsync("orderId=" + line[..line.IndexOf('-', StringComparison.Ordinal)])).Json.GetProperty("orderInfo").GetProperty("orderLine")[0];

        order.GetProperty("chargingMode").GetString().ShouldBe("ONE_TIME");
        var product = order.GetProperty("productInfo")[0];
        (product.GetProperty("skuCode").GetString(), product.GetProperty("linearValue").GetInt32()).ShouldBe(("SKU-PREPAID-CARD", 3));
        (order.GetProperty("currency").GetString(), order.GetProperty("currencyAfterDiscount").GetString()).ShouldBe(("300.00", "270.00"));
        (await market.PostAsync("/sim/orders", """{"product":"pay-per-use","quantity":2}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await market.ViolationKindsAsync()).ShouldBeEmpty();
    }
}
