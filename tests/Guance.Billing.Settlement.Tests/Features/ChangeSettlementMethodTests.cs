using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement.Tests.Features;

/// <summary>Rules §4, through HTTP.</summary>
[Collection(nameof(BillingCenter))]
public sealed class ChangeSettlementMethodTests(BillingCenter center)
{
    [Fact]
    public async Task A_change_that_does_not_say_who_shall_pay_is_refused()
    {
        var customer = await center.CustomerAsync();
        (await customer.Browser.SendAsync(HttpMethod.Put, $"/api/workspaces/{customer.Workspace}/settlement-method", new { cloudAccountId = "somebody" })).ShouldRefuse(400, "method-required");
    }

    [Fact]
    public async Task A_preview_says_what_would_happen_and_changes_nothing()
    {
        var customer = await center.CustomerAsync();
        var cloud = center.Market.Buy();
        var (status, preview) = await customer.Browser.ChangeAsync(customer.Workspace, cloud, preview: true);
        status.ShouldBe(200);
        ((bool)preview["preview"]!).ShouldBeTrue();
        ((string)preview["from"]!["method"]!).ShouldBe("billing-center");
        ((string)preview["to"]!["productInstanceId"]!).ShouldBe(cloud.InstanceId);
        preview["nextChangeAt"].ShouldNotBeNull();
        (await center.EventsAsync(customer.Workspace.Value)).Count.ShouldBe(1);
        (await center.EventsAsync(CloudAccountClaim.Key(cloud.Provider, cloud.AccountId!))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_claims_the_cloud_account_and_shows_at_once()
    {
        var customer = await center.CustomerAsync();
        var cloud = center.Market.Buy();
        var (status, change) = await customer.Browser.ChangeAsync(customer.Workspace, cloud);
        status.ShouldBe(200, change.ToJsonString());
        var shown = await customer.Browser.ReadAsync($"/api/workspaces/{customer.Workspace}");
        ((string)shown["settlementMethod"]!).ShouldBe("huawei-cloud");
        ((string)shown["cloudAccountId"]!).ShouldBe(cloud.AccountId);
        ((int)shown["version"]!).ShouldBe((int)change["version"]!);
        ((DateTimeOffset)shown["nextChangeAt"]!).ShouldBe((DateTimeOffset)change["nextChangeAt"]!);
        (await center.Deployment.MailsToAsync(cloud.BuyerEmail!)).ShouldHaveSingleItem();

        var (again, same) = await customer.Browser.ChangeAsync(customer.Workspace, cloud);
        (again, (bool)same["changed"]!).ShouldBe((200, false));
        (await center.EventsAsync(customer.Workspace.Value)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_registered_cloud_account_is_picked_instead_of_typed()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var newest = center.Market.Buy(cloud.AccountId);
        var other = await center.AttachAsync(customer, BillingCenter.Za1);
        var (status, change) = await customer.Browser.SendAsync(
            HttpMethod.Put, $"/api/workspaces/{other}/settlement-method", new { method = "huawei-cloud", cloudAccountId = cloud.AccountId });
        (status, (string?)change["productInstanceId"]).ShouldBe((200, newest.InstanceId));
    }

    [Fact]
    public async Task An_account_that_is_not_registered_needs_its_product_instance_ID()
    {
        var customer = await center.CustomerAsync();
        (await customer.Browser.SendAsync(HttpMethod.Put, $"/api/workspaces/{customer.Workspace}/settlement-method", new { method = "huawei-cloud", cloudAccountId = center.Market.Buy().AccountId }))
            .ShouldRefuse(400, "product-instance-id-required");
    }

    [Fact]
    public async Task A_wrong_pair_a_closed_a_frozen_an_unready_and_someone_elses_subscription_are_different_errors()
    {
        var customer = await center.CustomerAsync();
        var cloud = center.Market.Buy();
        (await customer.Browser.ChangeAsync(customer.Workspace, cloud with { AccountId = center.Market.Buy().AccountId })).ShouldRefuse(422, "cloud-subscription-unknown");
        (await customer.Browser.ChangeAsync(customer.Workspace, cloud with { InstanceId = "nothing" })).ShouldRefuse(422, "cloud-subscription-unknown");
        (await customer.Browser.ChangeAsync(customer.Workspace, center.Market.Buy(state: CloudSubscriptionState.Closed))).ShouldRefuse(409, "cloud-subscription-closed");
        (await customer.Browser.ChangeAsync(customer.Workspace, center.Market.Buy(state: CloudSubscriptionState.Frozen))).ShouldRefuse(409, "cloud-subscription-frozen");
        (await customer.Browser.ChangeAsync(customer.Workspace, center.Market.Buy(state: CloudSubscriptionState.Requested))).ShouldRefuse(409, "cloud-subscription-not-ready");
        await center.CustomerAsync(cloud);
        (await customer.Browser.ChangeAsync(customer.Workspace, cloud)).ShouldRefuse(409, "cloud-account-claimed");
        (await customer.Browser.ChangeAsync(customer.Workspace, cloud, preview: true)).ShouldRefuse(409, "cloud-account-claimed");
        (await center.EventsAsync(customer.Workspace.Value)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_workspace_cannot_leave_an_open_subscription_and_a_user_changes_once_a_month()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync();
        (await customer.Browser.ChangeAsync(customer.Workspace, cloud)).Status.ShouldBe(200);
        (await customer.Browser.ChangeAsync(customer.Workspace, null)).ShouldRefuse(409, "cloud-subscription-open");
        await center.CloseAsync(cloud);
        (await customer.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{customer.Workspace}/unlock")).Status.ShouldBe(200);

        var limited = await customer.Browser.ChangeAsync(customer.Workspace, center.Market.Buy());
        limited.ShouldRefuse(409, "change-limit-reached");
        ((DateTimeOffset)limited.Json["nextChangeAt"]!).ShouldBeGreaterThan(center.Now);
    }

    [Fact]
    public async Task Just_after_the_closing_and_before_it_has_arrived_the_workspace_cannot_slip_away()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        center.Market.Set(cloud with { State = CloudSubscriptionState.Closed, ClosedAt = center.Now });
        (await customer.Browser.ChangeAsync(customer.Workspace, null)).ShouldRefuse(409, "closing-under-way");
    }

    [Fact]
    public async Task After_a_cancellation_a_new_subscription_can_be_bound_and_unlocks()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        await center.CloseAsync(cloud);
        var next = center.Market.Buy(cloud.AccountId);
        var (status, change) = await customer.Browser.ChangeAsync(customer.Workspace, next);
        (status, (bool)change["unlocks"]!).ShouldBe((200, true));
        var workspace = await center.LoadAsync(customer.Workspace);
        workspace.LockAt(center.Now).ShouldBe(LockState.Normal);
        workspace.Cloud!.InstanceId.ShouldBe(next.InstanceId);
    }

    [Fact]
    public async Task Of_two_people_who_change_the_same_workspace_the_second_is_told()
    {
        var customer = await center.CustomerAsync();
        var shown = await customer.Browser.GetAsync($"/api/workspaces/{customer.Workspace}", TestContext.Current.CancellationToken);
        var etag = shown.Headers.ETag!.Tag;
        var cloud = center.Market.Buy();
        var tries = await Task.WhenAll(
            customer.Browser.ChangeAsync(customer.Workspace, cloud, ifMatch: etag), customer.Browser.ChangeAsync(customer.Workspace, center.Market.Buy(cloud.AccountId), ifMatch: etag));
        tries.Select(answer => answer.Status).Order().ShouldBe([200, 412]);
        tries.Single(answer => answer.Status == 412).ShouldRefuse(412, "stale");
    }

    [Fact]
    public async Task Someone_elses_workspace_is_not_found()
    {
        var customer = await center.CustomerAsync();
        var other = await center.CustomerAsync();
        (await other.Browser.ChangeAsync(customer.Workspace, null)).ShouldRefuse(404, "workspace-unknown");
        (await other.Browser.SendAsync(HttpMethod.Get, $"/api/workspaces/{customer.Workspace}")).ShouldRefuse(404, "workspace-unknown");
        (await other.Browser.SendAsync(HttpMethod.Get, $"/api/workspaces/{customer.Workspace}/history")).ShouldRefuse(404, "workspace-unknown");
        (await other.Browser.SendAsync(HttpMethod.Post, $"/api/workspaces/{customer.Workspace}/unlock")).ShouldRefuse(404, "workspace-unknown");
    }
}
