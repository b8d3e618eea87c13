using static Guance.Billing.Settlement.Tests.Features.MoneyActs;

namespace Guance.Billing.Settlement.Tests.Features;

/// <summary>Rules §8: what comes into a wallet.</summary>
[Collection(nameof(MoneyCenter))]
public sealed class CreditTests(MoneyCenter money)
{
    private readonly BillingCenter center = money.Center;

    [Fact]
    public async Task A_credit_is_made_once_under_its_key_by_many_at_once_and_for_ever()
    {
        var customer = await center.CustomerAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => center.CreditCashAsync(customer.Account, "100.00", $"transfer-{customer.Account}")));
        answers.Select(answer => answer.Json.ToJsonString()).Distinct().ShouldHaveSingleItem();
        ((string)answers[0].Json["cash"]!["amount"]!).ShouldBe("100.00");
        (await center.IssueVoucherAsync(customer.Account, "ordinary", "5.00", new DateTimeOffset(2027, 12, 31, 16, 0, 0, TimeSpan.Zero), $"grant-{customer.Account}")).Status.ShouldBe(200);

        // Should the platform ever forget the answers that it gave, the journal still knows the keys.
        await center.ExecuteAsync("delete from platform.idempotency");
        (await center.CreditCashAsync(customer.Account, "100.00", $"transfer-{customer.Account}")).Json.ToJsonString().ShouldBe(answers[0].Json.ToJsonString());
        (await center.IssueVoucherAsync(customer.Account, "ordinary", "5.00", new DateTimeOffset(2027, 12, 31, 16, 0, 0, TimeSpan.Zero), $"grant-{customer.Account}")).Status.ShouldBe(200);
        await center.ExecuteAsync("delete from platform.idempotency");
        (await center.CreditCashAsync(customer.Account, "200.00", $"transfer-{customer.Account}")).ShouldRefuse(409, "idempotency-key-reused");
        (await center.IssueVoucherAsync(customer.Account, "full-reduction", "5.00", key: $"grant-{customer.Account}")).ShouldRefuse(409, "idempotency-key-reused");

        (await center.CreditCashAsync(customer.Account, "1.00")).Status.ShouldBe(200);
        (await center.CreditCashAsync(customer.Account, "1.00")).Status.ShouldBe(200);
        (await customer.BalancesAsync()).ShouldBe(("102.00", "0.00", "5.00", "0.00"), "without a key each is a credit of its own");
    }

    [Fact]
    public async Task What_cannot_be_credited_is_refused()
    {
        var customer = await center.CustomerAsync();
        foreach (var amount in new[] { "0", "-5.00", "1.005", "1000000000.01" })
        {
            (await center.CreditCashAsync(customer.Account, amount)).ShouldRefuse(400, "amount-invalid");
        }

        using var staff = await center.OperatorAsync();
        var path = $"/api/operator/billing-accounts/{customer.Account}";
        (await staff.SendAsync(HttpMethod.Post, $"{path}/cash", new { })).ShouldRefuse(400, "amount-invalid");
        (await staff.SendAsync(HttpMethod.Post, $"{path}/cash", new { amount = new { amount = "5.00", currency = "USD" } })).ShouldRefuse(422, "currency-not-accounted");
        (await center.CreditCashAsync(Ids.Deterministic<BillingAccountId>("nobody"), "5.00")).ShouldRefuse(404, "billing-account-unknown");
        (await center.IssueVoucherAsync(customer.Account, "free-lunch", "5.00")).ShouldRefuse(400, "kind-invalid");
        (await center.IssueVoucherAsync(customer.Account, "ordinary", "5.00", center.Now)).ShouldRefuse(400, "expires-at-invalid");
        (await customer.Browser.SendAsync(HttpMethod.Post, $"{path}/cash", new { amount = Cny("5.00") })).Status.ShouldBe(401);
        (await customer.JournalAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_of_prepaid_cards_is_redeemed_once_whoever_comes()
    {
        var customer = await center.CustomerAsync();
        var order = center.Market.SellCards(5_000);
        var stranger = await center.CustomerAsync();
        var answers = await Task.WhenAll(new[] { customer, customer, stranger, stranger }.Select(by => RedeemAsync(by, order.AccountId, order.OrderNumber)));
        var card = answers.Where(answer => answer.Status == 200).ShouldHaveSingleItem().Json;
        answers.Where(answer => answer.Status != 200).ShouldAllBe(answer => (string)answer.Json["code"]! == "order-already-redeemed");
        ((string)card["faceValue"]!["amount"]!, (string)card["state"]!, (string)card["orderNumber"]!).ShouldBe(("5000.00", "active", order.OrderNumber));
        ((DateTimeOffset)card["expiresAt"]!).ShouldBe(center.Now.AddYears(1), TimeSpan.FromMinutes(1));

        var redeemer = (await customer.BalancesAsync()).Prepaid == "5000.00" ? customer : stranger;
        (await redeemer.Browser.ReadAsync("/api/prepaid-cards"))["items"]!.AsArray().ShouldHaveSingleItem();
        (await redeemer.JournalAsync()).ShouldHaveSingleItem().What.ShouldBe("card-redeemed");
        (await (redeemer == customer ? stranger : customer).JournalAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_that_is_not_the_accounts_or_not_ones_own_is_refused()
    {
        var cloud = center.Market.Buy();
        var owner = await center.CustomerAsync(cloud);
        var customer = await center.CustomerAsync();
        var order = center.Market.SellCards(100, cloud.AccountId);
        (await RedeemAsync(customer, "ffffffffffffffffffffffffffffffff", order.OrderNumber)).ShouldRefuse(422, "order-unknown");
        (await RedeemAsync(customer, cloud.AccountId!, "CS0")).ShouldRefuse(422, "order-unknown");
        (await RedeemAsync(customer, cloud.AccountId!, order.OrderNumber)).ShouldRefuse(409, "cloud-account-claimed");
        (await RedeemAsync(customer, cloud.AccountId!, "")).ShouldRefuse(400, "order-number-invalid");
        (await RedeemAsync(customer, "", order.OrderNumber)).ShouldRefuse(400, "cloud-account-id-required");
        var odd = center.Market.SellCards(150);
        (await RedeemAsync(customer, odd.AccountId, odd.OrderNumber)).ShouldRefuse(422, "face-value-invalid");
        (await RedeemAsync(owner, cloud.AccountId!, order.OrderNumber)).Status.ShouldBe(200);
        (await customer.BalancesAsync()).Prepaid.ShouldBe("0.00");
    }

    private static Task<(int Status, System.Text.Json.Nodes.JsonNode Json)> RedeemAsync(Customer customer, string cloudAccountId, string orderNumber) =>
        customer.Browser.SendAsync(HttpMethod.Post, "/api/prepaid-cards", new { cloudAccountId, orderNumber });
}
