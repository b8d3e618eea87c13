using System.Net;

namespace Guance.Billing.Story.Tests;

[Collection(InOneWorld.Name)]
public sealed class PartsOfTheWorldAwayTests(AWorld world)
{
    private string Cn4 => world.Places.Cn4Url;

    private string Za1 => world.Places.Za1Url;

    [Fact]
    public async Task While_the_billing_center_is_away_a_registration_is_activating_and_succeeds_once_when_it_is_back()
    {
        using var me = new Customer(world.Places, world.New("away"));
        var (accountId, _) = await me.BuyAsync();
        var id = await FirstTwoStepsAsync(me.At(Cn4), Cn4, me.Username, me.Email, "new");
        await world.World.StopDeploymentAsync("billing-center", TestContext.Current.CancellationToken);

        var waiting = await me.At(Cn4).SendAsync(
            HttpMethod.Put, $"/api/registrations/{id}/activation", Customer.HuaweiActivation("Patience", accountId));
        waiting.Status.ShouldBe(HttpStatusCode.Accepted);
        Text(await me.At(Cn4).GetAsync($"/api/registrations/{id}"), "state").ShouldBe("activating");

        await world.World.StartDeploymentAsync("billing-center", TestContext.Current.CancellationToken);
        var done = await UntilAsync(
            "the registration is active", () => me.At(Cn4).GetAsync($"/api/registrations/{id}"), seen => seen["workspaceId"] is not null && seen["billingAccountId"] is not null);
        await me.SignInToBillingCenterAsync();
        var workspaces = Items(await me.BillingCenter.GetAsync("/api/workspaces")).ToArray();
        workspaces.Length.ShouldBe(1);
        Text(workspaces[0], "id").ShouldBe(Text(done, "workspaceId"));
        await me.SeesAtSiteAsync(Cn4, Text(done, "workspaceId"), "the workspace is there", workspace => workspace.Method() == "huawei-cloud");
    }

    [Fact]
    public async Task A_site_that_is_away_during_a_cancellation_locks_and_acknowledges_when_it_is_back()
    {
        using var me = new Customer(world.Places, world.New("siteaway"));
        var (accountId, instanceId) = await me.BuyAsync();
        await me.RegisterWithHuaweiAsync(Cn4, accountId);
        var southAfrica = await me.RegisterAndAttachAsync(Za1, accountId);
        await me.SignInToBillingCenterAsync();
        await world.World.StopDeploymentAsync("za1", TestContext.Current.CancellationToken);

        await me.CloseResourceAsync(instanceId);
        var waiting = await UntilAsync(
            "the site that is there has acknowledged",
            async () => (await me.BillingCenter.SendAsync(HttpMethod.Get, $"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing")).Json!,
            closing => closing["sites"]?.AsArray().Any(site => Text(site!, "site") == "cn4" && site!["acknowledgedAt"] is not null) == true);
        waiting["sites"]!.AsArray().Single(site => Text(site!, "site") == "za1")!["acknowledgedAt"].ShouldBeNull();
        (await me.BillingCenter.GetAsync($"/api/workspaces/{southAfrica}")).LockState().ShouldBe("locked");

        await world.World.StartDeploymentAsync("za1", TestContext.Current.CancellationToken);
        await me.ClosingAcknowledgedAsync(instanceId, 2);
        // A new browser session is not needed: cookies outlive the deployment.
        (await me.At(Za1).GetAsync($"/api/workspaces/{southAfrica}")).LockState().ShouldBe("locked");
    }
}
