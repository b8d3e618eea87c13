using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Registration.Tests.Policies;

[Collection(AtASite.Name)]
public sealed class KeepBillingAccountWhenItJoinsSiteTests(SiteUnderTest site)
{
    [Fact]
    public async Task A_billing_account_that_joined_the_site_is_shown_to_its_users_alone()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var account = BillingAccountId.Of((await somebody.ActivateAsync()).ShouldBe(200)["billingAccountId"]!);
        (await somebody.ViewAsync()).Json!["synchronisedBillingAccount"].ShouldBeNull();

        await site.Deployment.DeliverAsync(site.Module, Joined(account, 1, somebody.Username, "Acme Ltd"));
        await site.Deployment.DeliverAsync(site.Module, Joined(account, 1, somebody.Username, "Acme Ltd"));

        (await somebody.ViewAsync()).Json!["synchronisedBillingAccount"]!["username"]!.ToString().ShouldBe(somebody.Username);
        var own = (await somebody.GetAsync("/api/billing-accounts")).ShouldBe(200).Json!["items"]!.AsArray().ShouldHaveSingleItem()!;
        (own["id"]!.ToString(), own["companyName"]!.ToString()).ShouldBe((account.Value, "Acme Ltd"));
        var other = await site.NewApplicant().WithAccountAsync();
        (await other.GetAsync("/api/billing-accounts")).ShouldBe(200).Json!["items"]!.AsArray().ShouldBeEmpty();
        (await site.NewApplicant().GetAsync("/api/billing-accounts")).ShouldBe(401, "not-signed-in");
    }

    [Fact]
    public async Task The_newest_news_of_an_account_is_kept_whatever_the_order()
    {
        var somebody = await site.NewApplicant().WithAccountAsync();
        var account = BillingAccountId.Of((await somebody.ActivateAsync()).ShouldBe(200)["billingAccountId"]!);

        await site.Deployment.DeliverAsync(site.Module, Joined(account, 2, "two", "Two Ltd"), Joined(account, 3, "three", "Three Ltd"));
        await site.Deployment.DeliverAsync(site.Module, Joined(account, 1, "one", "One Ltd"));

        (await somebody.ViewAsync()).Json!["synchronisedBillingAccount"]!["username"]!.ToString().ShouldBe("three");
    }

    private BillingAccountJoinedSiteIntegrationEvent Joined(BillingAccountId account, long version, string username, string company) => new(
        Ids.DeterministicGuid(account.Value, $"{version}"), version, site.Deployment.Clock.GetUtcNow(), SiteCode.Of("cn4"), account, username, company);
}
