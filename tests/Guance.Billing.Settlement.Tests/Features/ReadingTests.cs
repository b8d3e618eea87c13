using Guance.Billing.Sites;
using Guance.Billing.Workspaces.Contracts;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Settlement.Tests.Features;

/// <summary>Workspace Management and the account's pages (surface).</summary>
[Collection(nameof(BillingCenter))]
public sealed class ReadingTests(BillingCenter center)
{
    [Fact]
    public async Task Workspaces_are_listed_page_by_page_and_only_the_accounts_own()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        await center.CustomerAsync();
        WorkspaceId[] all = [customer.Workspace, await center.AttachAsync(customer, BillingCenter.Za1), await center.AttachAsync(customer, BillingCenter.Za1, cloud)];

        var first = await customer.Browser.ReadAsync("/api/workspaces?limit=2");
        var second = await customer.Browser.ReadAsync($"/api/workspaces?limit=2&cursor={first["nextCursor"]}");
        second["nextCursor"].ShouldBeNull();
        first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(w => (string)w!["id"]!).Order(StringComparer.Ordinal)
            .ShouldBe(all.Select(id => id.Value).Order(StringComparer.Ordinal));

        (await CountAsync(customer, "site=za1")).ShouldBe(2);
        (await CountAsync(customer, "method=huawei-cloud")).ShouldBe(2);
        (await CountAsync(customer, "site=za1&method=huawei-cloud")).ShouldBe(1);
        (await CountAsync(customer, $"q={all[1].Value[10..]}")).ShouldBe(1);
        (await CountAsync(customer, "q=WORKSPACE%20of")).ShouldBe(3);
        (await CountAsync(customer, "q=%25")).ShouldBe(0, "a percent sign is a percent sign");
        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/workspaces?state=odd")).ShouldRefuse(400, "state-invalid");
        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/workspaces?cursor=odd")).ShouldRefuse(400, "cursor-invalid");
    }

    [Fact]
    public async Task Workspaces_are_found_by_the_state_of_their_lock()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        await center.AttachAsync(customer, BillingCenter.Cn4);
        var dissolved = await center.AttachAsync(customer, BillingCenter.Cn4);
        await center.Deployment.DeliverAsync(center.Module, new WorkspaceDissolvedIntegrationEvent(Guid.CreateVersion7(), 5, center.Now, BillingCenter.Cn4, dissolved, "user:owner"));
        await center.CloseOnlyAsync(cloud, center.Now);
        await center.RunClosingsAsync();

        (await CountAsync(customer, "state=normal")).ShouldBe(1);
        (await CountAsync(customer, "state=locked")).ShouldBe(1);
        (await CountAsync(customer, "state=dissolved")).ShouldBe(1);
        (await CountAsync(customer, "state=expired")).ShouldBe(0);
        center.Deployment.Clock.Advance(TimeSpan.FromDays(14));
        (await CountAsync(customer, "state=locked")).ShouldBe(0);
        (await CountAsync(customer, "state=expired")).ShouldBe(1);
    }

    [Fact]
    public async Task A_workspace_shows_whether_its_site_has_applied_the_latest_fact()
    {
        var customer = await center.CustomerAsync();
        var at = center.Now;
        center.Feeds.Told[customer.Workspace.Value] = new LastTold(1, 77, null);
        (await AppliedAsync(customer)).ShouldBeNull("not acknowledged yet");
        center.Feeds.Told[customer.Workspace.Value] = new LastTold(1, 77, at);
        ((long)(await AppliedAsync(customer))!["position"]!).ShouldBe(77);

        await center.Deployment.DeliverAsync(center.Module, new WorkspaceDissolvedIntegrationEvent(Guid.CreateVersion7(), 5, at, BillingCenter.Cn4, customer.Workspace, "user:owner"));
        (await AppliedAsync(customer)).ShouldNotBeNull("what the site told itself is not told back");

        var other = await center.CustomerAsync();
        center.Feeds.Told[other.Workspace.Value] = new LastTold(1, 78, at);
        await other.Browser.ChangeAsync(other.Workspace, center.Market.Buy());
        (await AppliedAsync(other)).ShouldBeNull("a later fact is not told yet");
    }

    [Fact]
    public async Task A_cloud_account_shows_its_subscriptions_and_its_workspaces_by_site()
    {
        var cloud = center.Market.Buy();
        var customer = await center.CustomerAsync(cloud);
        var other = await center.AttachAsync(customer, BillingCenter.Za1, cloud);
        ((string)(await customer.Browser.ReadAsync("/api/cloud-accounts"))["items"]!.AsArray().ShouldHaveSingleItem()!["accountId"]!).ShouldBe(cloud.AccountId);

        var details = await customer.Browser.ReadAsync($"/api/cloud-accounts/huawei-cloud/{cloud.AccountId}");
        ((string)details["subscriptions"]!.AsArray().ShouldHaveSingleItem()!["productInstanceId"]!).ShouldBe(cloud.InstanceId);
        details["sites"]!.AsArray().Select(site => ((string)site!["site"]!, (string)site["workspaces"]![0]!["id"]!))
            .ShouldBe([("cn4", customer.Workspace.Value), ("za1", other.Value)]);

        var stranger = await center.CustomerAsync();
        (await stranger.Browser.SendAsync(HttpMethod.Get, $"/api/cloud-accounts/huawei-cloud/{cloud.AccountId}")).ShouldRefuse(404, "cloud-account-unknown");
        (await stranger.Browser.SendAsync(HttpMethod.Get, $"/api/cloud-subscriptions/huawei-cloud/{cloud.InstanceId}/closing?preview=true")).ShouldRefuse(404, "cloud-subscription-unknown");
    }

    [Fact]
    public async Task The_billing_account_shows_its_profile_and_signing_out_ends_it()
    {
        var customer = await center.CustomerAsync(site: BillingCenter.Za1);
        var account = await customer.Browser.ReadAsync("/api/billing-account");
        ((string)account["id"]!, (string)account["email"]!, (string)account["companyName"]!, (string)account["sites"]![0]!).ShouldBe((customer.Account.Value, customer.Email, "ACME", "za1"));
        (await customer.Browser.DeleteAsync("/api/session", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/billing-account")).Status.ShouldBe(401);
    }

    [Fact]
    public async Task Five_wrong_passwords_block_an_account_for_fifteen_minutes()
    {
        var customer = await center.CustomerAsync();
        using var anyone = center.Deployment.Browser();
        Task<(int Status, System.Text.Json.Nodes.JsonNode Json)> SignInAsync(string password) =>
            anyone.SendAsync(HttpMethod.Post, "/api/session", new { username = customer.Username.ToUpperInvariant(), password });
        (await SignInAsync(BillingCenter.Password)).Status.ShouldBe(200);
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SignInAsync("wrong"))))
        {
            answer.ShouldRefuse(401, "sign-in-failed");
        }

        (await SignInAsync(BillingCenter.Password)).ShouldRefuse(401, "sign-in-failed");
        center.Deployment.Clock.Advance(TimeSpan.FromMinutes(15));
        (await SignInAsync(BillingCenter.Password)).Status.ShouldBe(200);
        (await anyone.SendAsync(HttpMethod.Post, "/api/session", new { username = "nobody at all", password = "x" })).ShouldRefuse(401, "sign-in-failed");
    }

    [Fact]
    public async Task Changing_the_password_takes_the_old_one_ends_every_other_session_and_is_mailed()
    {
        const string Fresh = "Battery-staple-5";
        var customer = await center.CustomerAsync();
        using var elsewhere = center.Deployment.Browser();
        Task<(int Status, System.Text.Json.Nodes.JsonNode Json)> SignInAsync(string password) =>
            elsewhere.SendAsync(HttpMethod.Post, "/api/session", new { username = customer.Username, password });
        Task<(int Status, System.Text.Json.Nodes.JsonNode Json)> ChangeAsync(string password, string newPassword) =>
            customer.Browser.SendAsync(HttpMethod.Put, "/api/billing-account/password", new { password, newPassword });
        (await SignInAsync(BillingCenter.Password)).Status.ShouldBe(200);

        (await ChangeAsync("Wrong-horse-9", Fresh)).ShouldRefuse(400, "password-wrong");
        (await ChangeAsync(BillingCenter.Password, "short")).ShouldRefuse(400, "password-invalid");
        (await ChangeAsync(BillingCenter.Password, BillingCenter.Password)).ShouldRefuse(400, "password-unchanged");
        (await elsewhere.SendAsync(HttpMethod.Get, "/api/billing-account")).Status.ShouldBe(200, "what was refused changes nothing");

        (await ChangeAsync(BillingCenter.Password, Fresh)).Status.ShouldBe(204);
        (await customer.Browser.SendAsync(HttpMethod.Get, "/api/billing-account")).Status.ShouldBe(200, "whoever changed it goes on");
        (await elsewhere.SendAsync(HttpMethod.Get, "/api/billing-account")).Status.ShouldBe(401);
        (await SignInAsync(BillingCenter.Password)).ShouldRefuse(401, "sign-in-failed");
        (await SignInAsync(Fresh)).Status.ShouldBe(200);
        (await center.Deployment.MailsToAsync(customer.Email)).Count(mail => mail.Subject.Contains("password", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Guessing_the_password_where_it_is_changed_blocks_the_account_as_at_the_sign_in()
    {
        var customer = await center.CustomerAsync();
        for (var tried = 0; tried < 5; tried++)
        {
            (await customer.Browser.SendAsync(HttpMethod.Put, "/api/billing-account/password", new { password = $"Wrong-horse-{tried}", newPassword = "Battery-staple-5" }))
                .ShouldRefuse(400, "password-wrong");
        }

        (await customer.Browser.SendAsync(HttpMethod.Put, "/api/billing-account/password", new { password = BillingCenter.Password, newPassword = "Battery-staple-5" }))
            .ShouldRefuse(400, "password-wrong");
    }

    [Fact]
    public Task The_database_is_as_the_module_describes_it_so_that_a_start_changes_nothing() =>
        center.Deployment.Services.GetRequiredService<IDocumentStore>().Storage.Database.AssertDatabaseMatchesConfigurationAsync(TestContext.Current.CancellationToken);

    private static async Task<int> CountAsync(Customer customer, string query) =>
        (await customer.Browser.ReadAsync($"/api/workspaces?{query}"))["items"]!.AsArray().Count;

    private static async Task<System.Text.Json.Nodes.JsonNode?> AppliedAsync(Customer customer) =>
        (await customer.Browser.ReadAsync($"/api/workspaces/{customer.Workspace}"))["appliedAtSite"];
}
