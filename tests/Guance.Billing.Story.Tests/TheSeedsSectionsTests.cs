using System.Net;

namespace Guance.Billing.Story.Tests;

/// <summary>The five sections of the page on Huawei Cloud Account Settlement, one by one, in the customer's words.</summary>
public sealed class TheSeedsSectionsTests(AWorld world) : IClassFixture<AWorld>
{
    private string Cn4 => world.Places.Cn4Url;

    private string Za1 => world.Places.Za1Url;

    [Fact]
    public async Task I_register_the_commercial_plan_with_my_huawei_account_id_and_the_workspace_settles_by_it()
    {
        using var me = new Customer(world.Places, world.New("register"));
        var (accountId, _) = await me.BuyAsync();

        var workspaceId = await me.RegisterWithHuaweiAsync(Cn4, accountId);

        var workspace = await me.At(Cn4).GetAsync($"/api/workspaces/{workspaceId}");
        workspace.Method().ShouldBe("huawei-cloud");
        Text(workspace, "cloudAccountId").ShouldBe(accountId);
        workspace.LockState().ShouldBe("normal");
        await me.SignInToBillingCenterAsync();
        var atBillingCenter = await me.BillingCenter.GetAsync($"/api/workspaces/{workspaceId}");
        atBillingCenter.Method().ShouldBe("huawei-cloud");
        Text(await MailAsync(Cn4, me.Email), "subject").ShouldNotBeEmpty();
    }

    [Fact]
    public async Task I_cannot_register_with_a_huawei_account_that_has_bought_nothing_and_am_told_where_to_buy()
    {
        using var me = new Customer(world.Places, world.New("nothing"));
        var id = await FirstTwoStepsAsync(me.At(Cn4), Cn4, me.Username, me.Email, "new");

        var refused = await me.At(Cn4).SendAsync(
            HttpMethod.Put, $"/api/registrations/{id}/activation", Customer.HuaweiActivation("mine", "0123456789abcdef0123456789abcdef"));

        refused.Code.ShouldBe("cloud-account-unknown");
        refused.Json!["marketUrl"].ShouldNotBeNull();
        // The registration stays at step 3: the same person goes on with another method.
        Text(await ActivateAsync(me.At(Cn4), id, Customer.BillingCenterActivation("mine")), "workspaceId").ShouldStartWith("wksp_");
    }

    [Fact]
    public async Task I_change_a_workspace_to_my_huawei_account_in_workspace_management()
    {
        using var me = new Customer(world.Places, world.New("change"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspaceId = await me.RegisterAsync(Za1);
        await me.SignInToBillingCenterAsync();

        (await me.ChangeToHuaweiAsync(workspaceId, accountId, instanceId)).Status.ShouldBe(HttpStatusCode.OK);

        await me.SeesAtSiteAsync(Za1, workspaceId, "the site knows the new method", seen => seen.Method() == "huawei-cloud");
        // On the cloud it stays while the subscription is open.
        (await me.ChangeToBillingCenterAsync(workspaceId)).Code.ShouldBe("cloud-subscription-open");
    }

    [Fact]
    public async Task A_wrong_pair_a_closed_purchase_a_frozen_one_and_someone_elses_are_four_different_errors()
    {
        using var me = new Customer(world.Places, world.New("errors"));
        using var other = new Customer(world.Places, world.New("other"));
        var (mine, myInstance) = await me.BuyAsync();
        var (_, frozen) = await me.BuyAsync(mine);
        var (_, closed) = await me.BuyAsync(mine);
        var (theirs, theirInstance) = await other.BuyAsync();
        await other.RegisterWithHuaweiAsync(Cn4, theirs);
        var workspaceId = await me.RegisterAsync(Cn4);
        await me.SignInToBillingCenterAsync();
        await me.FreezeAsync(frozen);
        await me.CloseResourceAsync(closed);

        (await me.ChangeToHuaweiAsync(workspaceId, mine, theirInstance)).Code.ShouldBe("cloud-subscription-unknown");
        (await UntilAsync("the purchase is closed", () => me.ChangeToHuaweiAsync(workspaceId, mine, closed), refused => refused.Code != "cloud-subscription-open" && refused.Code is not null))
            .Code.ShouldBe("cloud-subscription-closed");
        (await UntilAsync("the purchase is frozen", () => me.ChangeToHuaweiAsync(workspaceId, mine, frozen), refused => refused.Code is not null))
            .Code.ShouldBe("cloud-subscription-frozen");
        (await me.ChangeToHuaweiAsync(workspaceId, theirs, theirInstance)).Code.ShouldBe("cloud-account-claimed");
        (await me.ChangeToHuaweiAsync(workspaceId, mine, myInstance)).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task One_huawei_account_settles_my_workspaces_on_several_sites()
    {
        using var me = new Customer(world.Places, world.New("several"));
        var (accountId, _) = await me.BuyAsync();

        var guangzhou = await me.RegisterWithHuaweiAsync(Cn4, accountId);
        var southAfrica = await me.RegisterAndAttachAsync(Za1, accountId);

        await me.SignInToBillingCenterAsync();
        var account = (await me.BillingCenter.GetAsync($"/api/cloud-accounts/huawei-cloud/{accountId}")).ToJsonString();
        account.ShouldContain(guangzhou);
        account.ShouldContain(southAfrica);
        Items(await me.BillingCenter.GetAsync("/api/workspaces?method=huawei-cloud")).Count().ShouldBe(2);
    }

    [Fact]
    public async Task Closing_the_purchase_unlinks_and_locks_every_workspace_on_every_site()
    {
        using var me = new Customer(world.Places, world.New("close"));
        var (accountId, instanceId) = await me.BuyAsync();
        var guangzhou = await me.RegisterWithHuaweiAsync(Cn4, accountId);
        var southAfrica = await me.RegisterAndAttachAsync(Za1, accountId);
        await me.SignInToBillingCenterAsync();

        await me.CloseResourceAsync(instanceId);

        var closing = await me.ClosingAcknowledgedAsync(instanceId, 2);
        closing["sites"]!.AsArray().Sum(site => site!["workspaces"]!.GetValue<int>()).ShouldBe(2);
        foreach (var (site, workspaceId) in new[] { (Cn4, guangzhou), (Za1, southAfrica) })
        {
            var workspace = await me.At(site).GetAsync($"/api/workspaces/{workspaceId}");
            workspace.LockState().ShouldBe("locked");
            workspace.LockReasons().ShouldBe(["subscription-closed"]);
            workspace["cloudAccountId"].ShouldBeNull();
            var managed = await me.BillingCenter.GetAsync($"/api/workspaces/{workspaceId}");
            managed.LockState().ShouldBe("locked");
            managed["appliedAtSite"].ShouldNotBeNull();
        }

        Text(await MailAsync(world.Places.BillingCenterUrl, me.Email, "lock"), "text").ShouldContain("workspace");
    }

    [Fact]
    public async Task Unlocking_makes_the_billing_center_the_payer()
    {
        using var me = new Customer(world.Places, world.New("unlock"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspaceId = await me.RegisterWithHuaweiAsync(Cn4, accountId);
        await me.SignInToBillingCenterAsync();
        await me.CloseResourceAsync(instanceId);
        await me.ClosingAcknowledgedAsync(instanceId, 1);

        await me.BillingCenter.PostAsync($"/api/workspaces/{workspaceId}/unlock");

        var seen = await me.SeesAtSiteAsync(Cn4, workspaceId, "the site knows", workspace => workspace.LockState() == "normal");
        seen.Method().ShouldBe("billing-center");
    }

    [Fact]
    public async Task A_one_use_link_from_the_lock_page_unlocks_without_signing_in()
    {
        using var me = new Customer(world.Places, world.New("link"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspaceId = await me.RegisterWithHuaweiAsync(Cn4, accountId);
        await me.CloseResourceAsync(instanceId);
        await me.SeesAtSiteAsync(Cn4, workspaceId, "the workspace is locked", workspace => workspace.LockState() == "locked");

        var link = await me.At(Cn4).PostAsync($"/api/workspaces/{workspaceId}/unlock-link");
        var path = new Uri(Text(link, "url")).PathAndQuery;
        using var browser = new Person(world.Places.BillingCenterUrl);
        (await browser.SendAsync(HttpMethod.Get, path)).Status.ShouldBe(HttpStatusCode.OK);
        (await browser.SendAsync(HttpMethod.Post, path)).Status.ShouldBe(HttpStatusCode.OK);

        await me.SeesAtSiteAsync(Cn4, workspaceId, "the workspace is unlocked", workspace => workspace.LockState() == "normal");
        (await browser.SendAsync(HttpMethod.Post, path)).Status.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_freeze_locks_and_keeps_the_link_and_an_unfreeze_lifts_the_lock()
    {
        using var me = new Customer(world.Places, world.New("freeze"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspaceId = await me.RegisterWithHuaweiAsync(Za1, accountId);

        await me.FreezeAsync(instanceId);
        var frozen = await me.SeesAtSiteAsync(Za1, workspaceId, "the workspace is locked", workspace => workspace.LockState() == "locked");
        frozen.LockReasons().ShouldBe(["subscription-frozen"]);
        Text(frozen, "cloudAccountId").ShouldBe(accountId);

        await me.UnfreezeAsync(instanceId);
        var unfrozen = await me.SeesAtSiteAsync(Za1, workspaceId, "the lock is lifted", workspace => workspace.LockState() == "normal");
        unfrozen.Method().ShouldBe("huawei-cloud");
    }

    [Fact]
    public async Task What_belongs_to_someone_else_cannot_be_found()
    {
        using var me = new Customer(world.Places, world.New("mine"));
        using var other = new Customer(world.Places, world.New("theirs"));
        var (accountId, instanceId) = await me.BuyAsync();
        var workspaceId = await me.RegisterWithHuaweiAsync(Cn4, accountId);
        await other.RegisterAsync(Cn4);
        await other.SignInToBillingCenterAsync();

        string[] atBillingCenter =
        [
            $"/api/workspaces/{workspaceId}", $"/api/workspaces/{workspaceId}/history", $"/api/cloud-accounts/huawei-cloud/{accountId}",
            $"/api/cloud-subscriptions/huawei-cloud/{instanceId}/closing?preview=true",
        ];
        foreach (var path in atBillingCenter)
        {
            (await other.BillingCenter.SendAsync(HttpMethod.Get, path)).Status.ShouldBe(HttpStatusCode.NotFound, path);
        }

        (await other.At(Cn4).SendAsync(HttpMethod.Get, $"/api/workspaces/{workspaceId}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await other.BillingCenter.SendAsync(HttpMethod.Post, $"/api/workspaces/{workspaceId}/unlock")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await other.At(Cn4).SendAsync(HttpMethod.Post, $"/api/workspaces/{workspaceId}/dissolve", new { confirmName = "x" })).Status.ShouldBe(HttpStatusCode.NotFound);
    }
}
