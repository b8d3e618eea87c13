using System.Net;
using System.Text.Json;

namespace HuaweiCloud.Marketplace.Simulator.Tests;

public sealed class OrderQueryTests
{
    [Fact]
    public async Task A_placed_order_is_found_with_its_buyer_and_product()
    {
        await using var market = await MarketFixture.StartAsync();
        var line = await market.OrderAsync("period", ""","customerId":"c-1","customerName":"Ada","email":"ada@example.com","periodType":"year" """);
        var orderId = line[..^"-000001".Length];

        var (status, json) = await market.QueryOrderAsync($"orderId={orderId}&orderLineId={line}");

        status.ShouldBe(HttpStatusCode.OK);
        json.GetProperty("resultCode").GetString().ShouldBe("MKT.0000");
        var order = json.GetProperty("orderInfo");
        order.GetProperty("orderType").GetString().ShouldBe("NEW");
        order.GetProperty("createTime").GetString().ShouldBe("20260305082030");
        order.GetProperty("buyerInfo").GetProperty("customerId").GetString().ShouldBe("c-1");
        order.GetProperty("buyerInfo").GetProperty("email").GetString().ShouldBe("ada@example.com");
        var orderLine = order.GetProperty("orderLine")[0];
        orderLine.GetProperty("orderLineId").GetString().ShouldBe(line);
        orderLine.GetProperty("chargingMode").GetString().ShouldBe("PERIOD");
        orderLine.GetProperty("expireTime").GetString().ShouldBe("20270305155959");
        orderLine.GetProperty("productInfo")[0].GetProperty("productId").GetString().ShouldNotBeNullOrEmpty();
        orderLine.GetProperty("currency").GetString().ShouldBe("1000.00");
    }

    [Theory]
    [InlineData("MOCKPERIODYEARNEW", "NEW", "PERIOD")]
    [InlineData("MOCKONETIMENEW", "NEW", "ONE_TIME")]
    [InlineData("MOCKONDEMAND", "NEW", "ON_DEMAND")]
    [InlineData("MOCKONDEMANDPKG", "NEW", "ON_DEMAND_PKG")]
    [InlineData("MOCKPERIODDAYTRIAL", "TRIAL", "PERIOD")]
    [InlineData("MOCKMONTYTRIALTOFORMAL", "TRIAL_TO_FORMAL", "PERIOD")]
    [InlineData("MOCKMONTYUNSUBSCRIBE", "UNSUBSCRIBE", "PERIOD")]
    [InlineData("MOCKMONTYRENEW", "RENEW", "PERIOD")]
    [InlineData("MOCKMONTYCHANGE", "CHANGE", "PERIOD")]
    public async Task Every_mock_order_is_served(string orderId, string orderType, string chargingMode)
    {
        await using var market = await MarketFixture.StartAsync();

        var (status, json) = await market.QueryOrderAsync("orderId=" + orderId);

        status.ShouldBe(HttpStatusCode.OK);
        json.GetProperty("orderInfo").GetProperty("orderType").GetString().ShouldBe(orderType);
        var line = json.GetProperty("orderInfo").GetProperty("orderLine")[0];
        line.GetProperty("orderLineId").GetString().ShouldBe(orderId + "-000001");
        line.GetProperty("chargingMode").GetString().ShouldBe(chargingMode);
    }

    [Theory]
    [InlineData("wrong-secret", "dev-ak", 0)]
    [InlineData("dev-sk", "other-ak", 0)]
    [InlineData("dev-sk", "dev-ak", 16)]
    [InlineData("dev-sk", "dev-ak", -16)]
    public async Task A_query_that_is_not_signed_right_is_refused(string secret, string accessKeyId, int minutesOff)
    {
        await using var market = await MarketFixture.StartAsync();
        var (status, json) = await market.QueryOrderAsync("orderId=MOCKONDEMAND", secret, accessKeyId, TimeSpan.FromMinutes(minutesOff));
        status.ShouldBe(HttpStatusCode.Unauthorized);
        json.GetProperty("error_code").GetString().ShouldBe("APIGW.0301");
    }

    [Fact]
    public async Task A_query_that_is_fourteen_minutes_off_is_served()
    {
        await using var market = await MarketFixture.StartAsync();
        (await market.QueryOrderAsync("orderId=MOCKONDEMAND", off: TimeSpan.FromMinutes(14))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_query_without_signature_is_refused()
    {
        await using var market = await MarketFixture.StartAsync();
        using var response = await market.Http.GetAsync(SellerRequests.OrderPath + "?orderId=MOCKONDEMAND", TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("orderId=CS0000000000AAAAA")]
    [InlineData("orderId=MOCKONDEMAND&orderLineId=another-000001")]
    [InlineData("orderId=")]
    public async Task An_order_that_does_not_exist_is_a_documented_error(string query)
    {
        await using var market = await MarketFixture.StartAsync();
        var (status, json) = await market.QueryOrderAsync(query);
        status.ShouldBe(HttpStatusCode.BadRequest);
        json.GetProperty("resultCode").GetString().ShouldBe("MKT.0101");
        json.TryGetProperty("orderInfo", out JsonElement _).ShouldBeFalse();
    }
}
