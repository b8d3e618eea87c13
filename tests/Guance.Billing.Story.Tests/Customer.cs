using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Guance.Billing.Story.Tests;

/// <summary>A customer of a story: browses the market, the sites and the Billing Center in browsers of its own.</summary>
internal sealed class Customer(StoryPlaces places, string name, bool insists = false) : IDisposable
{
    private const int RegistrantsAtOnce = 6;

    private readonly Person market = new(places.MarketplaceUrl);
    private readonly Dictionary<string, Person> atSites = new(StringComparer.Ordinal);

    public string Username => name;

    public string Email => $"{name}@acme.example";

    public Person BillingCenter { get; } = new(places.BillingCenterUrl, insists);

    public static object HuaweiActivation(string workspaceName, string accountId, string? billingUsername = null, string? billingCode = null) => new
    {
        method = "huawei-cloud", workspaceName, workspaceLanguage = "en", cloudAccountId = accountId, termsAccepted = true, billingUsername, billingCode,
    };

    public static object BillingCenterActivation(string workspaceName, string? billingUsername = null, string? billingCode = null) => new
    {
        method = "billing-center", workspaceName, workspaceLanguage = "en", termsAccepted = true, billingUsername, billingCode,
    };

    public Person At(string siteUrl)
    {
        lock (atSites)
        {
            return atSites.TryGetValue(siteUrl, out var browser) ? browser : atSites[siteUrl] = new Person(siteUrl, insists);
        }
    }

    /// <summary>Buys on the market.</summary>
    public async Task<(string AccountId, string InstanceId)> BuyAsync(string? accountId = null)
    {
        var instance = await Steps.BuyAsync(market, Email, accountId);
        return (Text(instance, "customerId"), Text(instance, "instanceId"));
    }

    /// <summary>Buys prepaid cards of 100 each on the market; gives the order number.</summary>
    public async Task<string> BuyPrepaidCardsAsync(string accountId, int quantity) =>
        Text(await market.PostAsync("/sim/orders", new { product = "prepaid-card", customerId = accountId, customerName = "ACME", email = Email, quantity }), "orderId");

    public Task CloseResourceAsync(string instanceId) => market.PostAsync($"/sim/instances/{instanceId}/close");

    public Task FreezeAsync(string instanceId) => market.PostAsync($"/sim/instances/{instanceId}/freeze");

    public Task UnfreezeAsync(string instanceId) => market.PostAsync($"/sim/instances/{instanceId}/unfreeze");

    /// <summary>Registers at a site with a new billing account, settled by the Huawei account.</summary>
    public async Task<string> RegisterWithHuaweiAsync(string siteUrl, string accountId)
    {
        var id = await FirstTwoStepsAsync(At(siteUrl), siteUrl, Username, Email, "new");
        return Text(await ActivateAsync(At(siteUrl), id, HuaweiActivation($"{name} workspace", accountId)), "workspaceId");
    }

    /// <summary>Registers at a site with a new billing account, settled by the Billing Center.</summary>
    public async Task<string> RegisterAsync(string siteUrl)
    {
        var id = await FirstTwoStepsAsync(At(siteUrl), siteUrl, Username, Email, "new");
        return Text(await ActivateAsync(At(siteUrl), id, BillingCenterActivation($"{name} workspace")), "workspaceId");
    }

    /// <summary>Registers at a further site, attaching the billing account that the customer has.</summary>
    public async Task<string> RegisterAndAttachAsync(string siteUrl, string? accountId = null)
    {
        var site = At(siteUrl);
        var id = await FirstTwoStepsAsync(site, siteUrl, Username, Email, "existing");
        var code = await BillingAccountCodeAsync(site, places.BillingCenterUrl, id, Username, Email);
        var activation = accountId is null
            ? BillingCenterActivation($"{name} workspace", Username, code)
            : HuaweiActivation($"{name} workspace", accountId, Username, code);
        return Text(await ActivateAsync(site, id, activation), "workspaceId");
    }

    /// <summary>Registers many workspaces for the billing account, settled by the Huawei account: by turns at both sites, a few at once.</summary>
    public async Task RegisterManyAsync(string accountId, int count)
    {
        // Codes go to one address: whoever asks for one reads it before the next one asks.
        using var oneCodeAtATime = new SemaphoreSlim(1);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = RegistrantsAtOnce }, async (index, ct) =>
        {
            var siteUrl = index % 2 == 0 ? places.Cn4Url : places.Za1Url;
            var number = index.ToString(CultureInfo.InvariantCulture);
            using var site = new Person(siteUrl);
            var id = await FirstTwoStepsAsync(site, siteUrl, $"{name}many{number}", $"{name}many{number}@acme.example", "existing");
            await oneCodeAtATime.WaitAsync(ct);
            string code;
            try
            {
                code = await BillingAccountCodeAsync(site, places.BillingCenterUrl, id, Username, Email);
            }
            finally
            {
                oneCodeAtATime.Release();
            }

            await ActivateAsync(site, id, HuaweiActivation($"workspace {number}", accountId, Username, code));
        });
    }

    /// <summary>All workspaces that the Billing Center shows, page by page.</summary>
    public async Task<IReadOnlyList<JsonNode>> AllWorkspacesAsync()
    {
        var all = new List<JsonNode>();
        for (string? cursor = null; ;)
        {
            var page = await BillingCenter.GetAsync($"/api/workspaces?limit=100{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            all.AddRange(Items(page));
            cursor = page["nextCursor"]?.ToString();
            if (cursor is null)
            {
                return all;
            }
        }
    }

    public Task SignInAtAsync(string siteUrl) => At(siteUrl).PostAsync("/api/session", new { username = Username, password = PasswordOf(Username) });

    public Task SignInToBillingCenterAsync() => BillingCenter.PostAsync("/api/session", new { username = Username, password = PasswordOf(Username) });

    public Task<Answer> ChangeToHuaweiAsync(string workspaceId, string accountId, string? instanceId) => BillingCenter.SendAsync(
        HttpMethod.Put, $"/api/workspaces/{workspaceId}/settlement-method", new { method = "huawei-cloud", cloudAccountId = accountId, productInstanceId = instanceId });

    public Task<Answer> ChangeToBillingCenterAsync(string workspaceId) => BillingCenter.SendAsync(
        HttpMethod.Put, $"/api/workspaces/{workspaceId}/settlement-method", new { method = "billing-center" });

    /// <summary>Waits until the workspace, seen at its site by its owner, is as expected.</summary>
    public Task<JsonNode> SeesAtSiteAsync(string siteUrl, string workspaceId, string what, Func<JsonNode, bool> holds) =>
        UntilAsync(what, () => At(siteUrl).GetAsync($"/api/workspaces/{workspaceId}"), holds);

    public Task<JsonNode> ClosingAcknowledgedAsync(string instanceId, int siteCount) => UntilAsync(
        "every site has acknowledged the closing",
        async () => (await BillingCenter.SendAsync(HttpMethod.Get, $"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing")) is { Status: HttpStatusCode.OK, Json: { } json } ? json : new JsonObject(),
        closing => closing["sites"] is JsonArray sites && sites.Count == siteCount && sites.All(site => site!["acknowledgedAt"] is not null));

    public void Dispose()
    {
        market.Dispose();
        BillingCenter.Dispose();
        foreach (var browser in atSites.Values)
        {
            browser.Dispose();
        }
    }
}

internal static class Seen
{
    public static string LockState(this JsonNode workspace) => Text(workspace["lock"]!, "state");

    public static string[] LockReasons(this JsonNode workspace) => [.. workspace["lock"]!["reasons"]!.AsArray().Select(reason => reason!.ToString())];

    public static string Method(this JsonNode workspace) => Text(workspace, "settlementMethod");
}
