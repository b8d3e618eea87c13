using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using static Guance.Billing.World.Steps;

namespace Guance.Billing.World;

/// <summary>Where a story's actors are reached.</summary>
/// <param name="BillingCenterUrl">The Billing Center.</param>
/// <param name="Cn4Url">The site in Guangzhou.</param>
/// <param name="Za1Url">The site in South Africa.</param>
/// <param name="MarketplaceUrl">The marketplace.</param>
public sealed record StoryPlaces(string BillingCenterUrl, string Cn4Url, string Za1Url, string MarketplaceUrl);

/// <summary>
/// The seed's story: two workspaces on two sites settled by one Huawei Cloud account, the purchase closed, both locked, one unlocked,
/// one expired and dissolved. Played over HTTP only, by anyone who can reach the deployments; every name in it is new, so it can be
/// played again and again in one world.
/// </summary>
public sealed class SeedStory(StoryPlaces places, Action<string> narrate) : IDisposable
{
    private readonly string run = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture);
    private readonly Person market = new(places.MarketplaceUrl);
    private readonly Person billingCenter = new(places.BillingCenterUrl);

    private string Username => $"acme-{run}";

    private string Email => $"li.na+{run}@acme.example";

    private string BuyerEmail => $"buyer+{run}@acme.example";

    /// <summary>Plays the story to its end; each step is narrated with what was seen.</summary>
    /// <exception cref="Exception">A step did not go as the story says; the message says what was seen instead.</exception>
    public async Task PlayAsync()
    {
        var (accountId, instanceId) = await BuyAsync();
        using var cn4 = new Person(places.Cn4Url);
        using var za1 = new Person(places.Za1Url);
        var guangzhou = await RegisterAtGuangzhouAsync(cn4, accountId);
        var southAfrica = await RegisterAtSouthAfricaAsync(za1);
        await ChangeToHuaweiAsync(southAfrica, accountId, instanceId);
        await BothSettleByOneAccountAsync(cn4, za1, guangzhou, southAfrica, accountId);
        await SecondCustomerIsRefusedAsync(accountId);
        await CloseResourceAsync(cn4, za1, guangzhou, southAfrica, instanceId);
        await UnlockOneAsync(cn4, guangzhou);
        await TheOtherExpiresAsync(southAfrica, za1);
        await DissolveAsync(za1, southAfrica);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        market.Dispose();
        billingCenter.Dispose();
    }

    private async Task<(string AccountId, string InstanceId)> BuyAsync()
    {
        var instance = await Steps.BuyAsync(market, BuyerEmail);
        Tick($"Activate Now: order {Text(instance, "orderId")} is running as product instance {Text(instance, "instanceId")}, "
            + $"application information {instance["applicationInformation"]!.ToJsonString()}");
        return (Text(instance, "customerId"), Text(instance, "instanceId"));
    }

    private async Task<string> RegisterAtGuangzhouAsync(Person site, string accountId)
    {
        var id = await FirstTwoStepsAsync(site, places.Cn4Url, Username, Email, "new");
        var activation = new
        {
            method = "huawei-cloud", workspaceName = "ACME production", workspaceLanguage = "zh", cloudAccountId = accountId, termsAccepted = true,
        };
        var workspaceId = Text(await ActivateAsync(site, id, activation), "workspaceId");
        var workspace = await site.GetAsync($"/api/workspaces/{workspaceId}");
        Expect(Text(workspace, "settlementMethod") == "huawei-cloud", "the workspace is settled by the Huawei account", workspace);
        var claimed = await MailAsync(places.BillingCenterUrl, BuyerEmail);
        Tick($"Registered at cn4 as {Username}: workspace {workspaceId} settles by Huawei account {accountId}; the buyer was told: \"{Text(claimed, "subject")}\"");
        return workspaceId;
    }

    private async Task<string> RegisterAtSouthAfricaAsync(Person site)
    {
        var id = await FirstTwoStepsAsync(site, places.Za1Url, Username, Email, "existing");
        var code = await BillingAccountCodeAsync(site, places.BillingCenterUrl, id, Username, Email);
        var activation = new
        {
            method = "billing-center", workspaceName = "ACME Africa", workspaceLanguage = "en", termsAccepted = true,
            billingUsername = Username, billingCode = code,
        };
        var workspaceId = Text(await ActivateAsync(site, id, activation), "workspaceId");
        var workspace = await site.GetAsync($"/api/workspaces/{workspaceId}");
        Expect(Text(workspace, "settlementMethod") == "billing-center", "the workspace is settled by the Billing Center", workspace);
        Tick($"Registered at za1, too, attaching {Username} by a mailed code: workspace {workspaceId} settles by the Billing Center");
        return workspaceId;
    }

    private async Task ChangeToHuaweiAsync(string workspaceId, string accountId, string instanceId)
    {
        await billingCenter.PostAsync("/api/session", new { username = Username, password = PasswordOf(Username) });
        var change = new { method = "huawei-cloud", cloudAccountId = accountId, productInstanceId = instanceId };
        var preview = await billingCenter.PutAsync($"/api/workspaces/{workspaceId}/settlement-method?preview=true", change);
        var before = await billingCenter.GetAsync($"/api/workspaces/{workspaceId}");
        Expect(Text(before, "settlementMethod") == "billing-center", "a preview changes nothing", before);
        await billingCenter.PutAsync($"/api/workspaces/{workspaceId}/settlement-method", change);
        Tick($"Workspace Management: changed {workspaceId} to Huawei Cloud Account Settlement; the preview had said {preview.ToJsonString()}");
    }

    private async Task BothSettleByOneAccountAsync(Person cn4, Person za1, string guangzhou, string southAfrica, string accountId)
    {
        foreach (var (site, workspaceId) in new[] { (cn4, guangzhou), (za1, southAfrica) })
        {
            await UntilAsync(
                $"{workspaceId} settles by the Huawei account at its site",
                async () => await site.GetAsync($"/api/workspaces/{workspaceId}"),
                seen => Text(seen, "settlementMethod") == "huawei-cloud" && (string?)seen["cloudAccountId"] == accountId);
        }

        var account = await billingCenter.GetAsync($"/api/cloud-accounts/huawei-cloud/{accountId}");
        var told = account.ToJsonString();
        Expect(told.Contains(guangzhou, StringComparison.Ordinal) && told.Contains(southAfrica, StringComparison.Ordinal), "both workspaces are bound to the account", account);
        Tick($"Both workspaces, on two sites, settle by the one Huawei account {accountId}");
    }

    private async Task SecondCustomerIsRefusedAsync(string accountId)
    {
        using var other = new Person(places.Cn4Url);
        var id = await FirstTwoStepsAsync(other, places.Cn4Url, $"rival-{run}", $"rival+{run}@rival.example", "new");
        var refused = await other.SendAsync(HttpMethod.Put, $"/api/registrations/{id}/activation", new
        {
            method = "huawei-cloud", workspaceName = "Rival", workspaceLanguage = "en", cloudAccountId = accountId, termsAccepted = true,
        });
        Expect(refused is { Status: HttpStatusCode.Conflict, Code: "cloud-account-claimed" }, "the second claim is refused", refused.Json);
        Tick($"A second customer who claims the account is refused: {refused.Code}, \"{(string?)refused.Json?["detail"]}\"");
    }

    private async Task CloseResourceAsync(Person cn4, Person za1, string guangzhou, string southAfrica, string instanceId)
    {
        var preview = await billingCenter.GetAsync($"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing?preview=true");
        await market.PostAsync($"/sim/instances/{instanceId}/close");
        await UntilAsync(
            "the market shows Closed",
            async () => Items(await market.GetAsync("/sim/instances")).First(i => Text(i, "instanceId") == instanceId),
            instance => Text(instance, "status") == "closed");
        var closing = await UntilAsync(
            "every site has acknowledged the closing",
            async () => await billingCenter.GetAsync($"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing"),
            seen => seen["sites"] is JsonArray { Count: 2 } sites && sites.All(site => site!["acknowledgedAt"] is not null));
        foreach (var (site, workspaceId) in new[] { (cn4, guangzhou), (za1, southAfrica) })
        {
            var atSite = await site.GetAsync($"/api/workspaces/{workspaceId}");
            Expect(Text(atSite["lock"]!, "state") == "locked" && atSite["lock"]!["reasons"]!.ToJsonString().Contains("subscription-closed", StringComparison.Ordinal),
                "the workspace is locked at its site", atSite);
            Expect(atSite["cloudAccountId"] is null, "the link to the cloud account is gone", atSite);
        }

        var mail = await MailAsync(places.BillingCenterUrl, Email, "lock");
        Tick($"Close Resource (the preview had said {preview.ToJsonString()}): closed at the market, both workspaces locked and unlinked, acknowledged by "
            + string.Join(" and ", closing["sites"]!.AsArray().Select(site => $"{Text(site!, "site")} at {Text(site!, "acknowledgedAt")}"))
            + $"; mailed: \"{Text(mail, "subject")}\"");
    }

    private async Task UnlockOneAsync(Person site, string workspaceId)
    {
        await billingCenter.PostAsync($"/api/workspaces/{workspaceId}/unlock");
        var seen = await UntilAsync(
            "the unlocked workspace is normal at its site",
            async () => await site.GetAsync($"/api/workspaces/{workspaceId}"),
            workspace => Text(workspace["lock"]!, "state") == "normal" && Text(workspace, "settlementMethod") == "billing-center");
        Tick($"Unlocked {workspaceId}: at its site it is {Text(seen["lock"]!, "state")} and settles by the Billing Center");
    }

    private async Task TheOtherExpiresAsync(string workspaceId, Person site)
    {
        using var program = await Person.ProgramAsync(places.Za1Url, places.BillingCenterUrl, "dev-operator", "dev-operator-secret");
        var buffer = await program.GetAsync($"/api/workspaces/{workspaceId}/access");
        Expect((bool?)buffer["mayIngest"] == true, "within the buffer data still comes in", buffer);
        await billingCenter.PostAsync("/dev/clock", new { advance = "14.00:00:01" });
        var expired = await UntilAsync(
            "the other workspace has expired",
            async () => await site.GetAsync($"/api/workspaces/{workspaceId}"),
            workspace => Text(workspace["lock"]!, "state") == "expired");
        var access = await program.GetAsync($"/api/workspaces/{workspaceId}/access");
        Expect((bool?)access["mayIngest"] == false && (bool?)access["mayView"] == false, "ingestion and view have stopped", access);
        Tick($"14 days later {workspaceId} is {Text(expired["lock"]!, "state")}: {access.ToJsonString()}");
    }

    private async Task DissolveAsync(Person site, string workspaceId)
    {
        var mistyped = await site.SendAsync(HttpMethod.Post, $"/api/workspaces/{workspaceId}/dissolve", new { confirmName = "acme africa" });
        Expect((int)mistyped.Status is >= 400 and < 500, "a mistyped name does not dissolve", mistyped.Json);
        await site.PostAsync($"/api/workspaces/{workspaceId}/dissolve", new { confirmName = "ACME Africa" });
        await UntilAsync(
            "the Billing Center knows that it is dissolved",
            async () => await billingCenter.GetAsync($"/api/workspaces/{workspaceId}"),
            workspace => Text(workspace["lock"]!, "state") == "dissolved");
        var history = Items(await billingCenter.GetAsync($"/api/workspaces/{workspaceId}/history"));
        Tick($"Dissolved {workspaceId} by typing its name; its history: {string.Join(", ", history.Select(fact => Text(fact, "what")))}");
    }

    private static void Expect(bool holds, string what, JsonNode? seen)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Expected that {what}; seen: {seen?.ToJsonString()}");
        }
    }

    private void Tick(string seen) => narrate(seen);
}
