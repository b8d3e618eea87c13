using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement.Tests.Features;

/// <summary>Rules §6, through HTTP.</summary>
[Collection(nameof(BillingCenter))]
public sealed class UnlockTests(BillingCenter center)
{
    [Fact]
    public async Task The_user_unlocks_a_workspace_whose_subscription_was_cancelled_and_the_Billing_Center_settles_it()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        await center.CloseAsync(cloud);
        ((string)(await customer.Browser.ReadAsync($"/api/workspaces/{customer.Workspace}"))["lock"]!["state"]!).ShouldBe("locked");

        var (status, unlocked) = await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{customer.Workspace}/unlock");
        (status, (string?)unlocked["lock"]!["state"], (string?)unlocked["settlementMethod"]).ShouldBe((200, "normal", "billing-center"));
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{customer.Workspace}/unlock")).Status.ShouldBe(200, "not locked: nothing to do");
        (await center.EventsAsync(customer.Workspace.Value)).OfType<WorkspaceUnlocked>().ShouldHaveSingleItem().By.ShouldBe($"user:{customer.Username}");
        ((int)unlocked["version"]!).ShouldBe((await center.LoadAsync(customer.Workspace)).Version);
    }

    [Fact]
    public async Task Unlocking_before_a_closing_has_arrived_does_not_let_the_closed_subscription_pay_on()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var closedAt = center.Now;
        center.Market.Set(cloud with { State = CloudAccounts.Contracts.CloudSubscriptionState.Closed, ClosedAt = closedAt });
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{customer.Workspace}/unlock")).Status.ShouldBe(200);
        var workspace = await center.LoadAsync(customer.Workspace);
        workspace.MethodSince.ShouldBe(closedAt, TimeSpan.FromMilliseconds(1));
        workspace.LockAt(center.Now).ShouldBe(LockState.Normal);
    }

    [Fact]
    public async Task An_operators_lock_holds_against_the_user_and_an_operator_always_unlocks()
    {
        var customer = await center.CustomerAsync();
        using var staff = await center.OperatorAsync();
        (await staff.SendAsync(HttpMethod.Post, $"/api/operator/workspaces/{customer.Workspace}/lock", new { reason = "abuse report 17" })).Status.ShouldBe(200);
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{customer.Workspace}/unlock")).ShouldRefuse(409, "operator-lock-holds");
        (await staff.SendAsync(HttpMethod.Post, $"/api/operator/workspaces/{customer.Workspace}/unlock", new { reason = "" })).ShouldRefuse(400, "reason-required");
        (await staff.SendAsync(HttpMethod.Post, $"/api/operator/workspaces/{customer.Workspace}/unlock", new { reason = "settled" })).Status.ShouldBe(200);

        var history = await customer.Browser.ReadAsync($"/api/workspaces/{customer.Workspace}/history");
        var facts = history["items"]!.AsArray();
        facts.Select(fact => (string)fact!["what"]!).ShouldBe(["bound", "locked", "unlocked"]);
        ((string)facts[1]!["by"]!, (string)facts[1]!["details"]!["note"]!).ShouldBe(("client:test-operator", "abuse report 17"));
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/operator/workspaces/{customer.Workspace}/lock", new { reason = "x" })).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_link_from_the_lock_page_unlocks_once_without_signing_in()
    {
        var (customer, link) = await LockedWithLinkAsync();
        using var anyone = center.Deployment.Browser();
        var page = await anyone.GetStringAsync(link, TestContext.Current.CancellationToken);
        page.ShouldContain("解锁");
        page.ShouldContain("<form method=\"post\">");
        (await center.LoadAsync(customer.Workspace)).LockAt(center.Now).ShouldBe(LockState.Locked, "looking unlocks nothing");

        var (status, done) = await anyone.SendAsync(HttpMethod.Post, link);
        (status, ((string)done["text"]!).Contains("已解锁", StringComparison.Ordinal)).ShouldBe((200, true));
        (await center.LoadAsync(customer.Workspace)).LockAt(center.Now).ShouldBe(LockState.Normal);
        (await anyone.SendAsync(HttpMethod.Post, link)).ShouldRefuse(409, "link-used");
        (await anyone.SendAsync(HttpMethod.Get, link)).ShouldRefuse(409, "link-used");
        (await anyone.SendAsync(HttpMethod.Post, "/unlock/made-up")).ShouldRefuse(404, "link-unknown");
    }

    [Fact]
    public async Task A_link_works_for_ten_minutes_and_the_same_request_gives_the_same_link()
    {
        var (customer, link) = await LockedWithLinkAsync();
        center.Deployment.Clock.Advance(TimeSpan.FromMinutes(10));
        using var anyone = center.Deployment.Browser();
        (await anyone.SendAsync(HttpMethod.Post, link)).ShouldRefuse(409, "link-expired");
        (await center.LoadAsync(customer.Workspace)).LockAt(center.Now).ShouldBe(LockState.Locked);
        anyone.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var page = await anyone.GetAsync(link, TestContext.Current.CancellationToken);
        ((int)page.StatusCode, page.Content.Headers.ContentType!.MediaType).ShouldBe((409, "text/html"));
    }

    [Fact]
    public async Task Another_sites_request_for_a_link_is_not_found()
    {
        var customer = await center.CustomerAsync();
        var request = new CreateUnlockLink(BillingCenter.Za1, customer.Workspace, "user:owner", center.Now);
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(request))).Code.ShouldBe("workspace-unknown");
    }

    private async Task<(Customer Customer, string Path)> LockedWithLinkAsync()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        await center.CloseAsync(cloud);
        var request = new CreateUnlockLink(BillingCenter.Cn4, customer.Workspace, "user:owner", center.Now);
        var link = await center.Deployment.SendAsync(request);
        (await center.Deployment.SendAsync(request)).Url.ShouldBe(link.Url);
        return (customer, new Uri(link.Url).AbsolutePath);
    }
}
