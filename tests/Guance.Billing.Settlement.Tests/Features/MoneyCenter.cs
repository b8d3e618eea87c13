namespace Guance.Billing.Settlement.Tests.Features;

[CollectionDefinition(nameof(MoneyCenter))]
public sealed class MoneyCenterCollection : ICollectionFixture<MoneyCenter>;

/// <summary>A Billing Center whose clock is moved by weeks and whose batches are small, so that every walk through batches takes several.</summary>
public sealed class MoneyCenter : IAsyncLifetime
{
    public BillingCenter Center { get; } = new() { Settings = { ["Settlement:BatchSize"] = "2" } };

    public ValueTask InitializeAsync() => Center.InitializeAsync();

    public ValueTask DisposeAsync() => Center.DisposeAsync();
}

internal static class MoneyActs
{
    public static object Cny(string amount) => new { amount, currency = "CNY" };

    public static async Task<(int Status, System.Text.Json.Nodes.JsonNode Json)> CreditCashAsync(this BillingCenter center, BillingAccountId account, string amount, string? key = null)
    {
        using var staff = await center.OperatorAsync();
        return await staff.SendAsync(HttpMethod.Post, $"/api/operator/billing-accounts/{account}/cash", new { amount = Cny(amount) }, key: key);
    }

    public static async Task<(int Status, System.Text.Json.Nodes.JsonNode Json)> IssueVoucherAsync(
        this BillingCenter center, BillingAccountId account, string kind, string faceValue, DateTimeOffset? expiresAt = null, string? key = null)
    {
        using var staff = await center.OperatorAsync();
        return await staff.SendAsync(
            HttpMethod.Post, $"/api/operator/billing-accounts/{account}/vouchers", new { kind, faceValue = Cny(faceValue), expiresAt = expiresAt ?? center.Now.AddDays(90) }, key: key);
    }

    internal static BillToPay Bill(this Customer customer, DateOnly day, decimal eligible, decimal excluded = 0, string payer = "billing-center", WorkspaceId? workspace = null) =>
        new(customer.Account, workspace ?? customer.Workspace, day, [new(payer, eligible, excluded)]);

    public static async Task<(string Cash, string Prepaid, string Vouchers, string Arrears)> BalancesAsync(this Customer customer)
    {
        var balances = (await customer.Browser.ReadAsync("/api/billing-account"))["balances"]!;
        return (Of("cash"), Of("prepaid"), Of("vouchers"), Of("arrears"));

        string Of(string name) => (string)balances[name]!["amount"]!;
    }

    public static async Task<IReadOnlyList<(string What, string Amounts, string Cash)>> JournalAsync(this Customer customer, string query = "")
    {
        var page = await customer.Browser.ReadAsync($"/api/journal{query}");
        return [.. page["items"]!.AsArray().Select(row => (
            (string)row!["what"]!,
            string.Join(", ", row["amounts"]!.AsArray().Select(amount => $"{((string)amount!["ledger"]!).Split(':')[0]} {(string)amount["amount"]!["amount"]!}")),
            (string)row["cash"]!["amount"]!))];
    }
}
