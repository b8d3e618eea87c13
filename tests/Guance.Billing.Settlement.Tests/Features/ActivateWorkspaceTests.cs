using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement.Tests.Features;

/// <summary>Rules §2, step 3.</summary>
[Collection(nameof(BillingCenter))]
public sealed class ActivateWorkspaceTests(BillingCenter center)
{
    [Fact]
    public async Task A_first_activation_opens_the_account_and_binds_the_workspace()
    {
        var activation = center.Activation();
        var answer = await center.Deployment.SendAsync(activation);
        answer.BillingUsername.ShouldBe(activation.NewAccount!.Username);
        answer.CloudAccount.ShouldBeNull();
        var workspace = await center.LoadAsync(activation.WorkspaceId);
        workspace.Account.ShouldBe(answer.BillingAccountId);
        workspace.Method.ShouldBe(SettlementMethod.BillingCenter);
        workspace.Version.ShouldBe(1);
        (await center.EventsAsync(answer.BillingAccountId.Value)).Select(e => e.GetType()).ShouldBe([typeof(BillingAccountOpened), typeof(BillingAccountJoinedSite)]);
    }

    [Fact]
    public async Task The_same_ask_again_gives_the_first_answer_whatever_has_happened_since()
    {
        var cloud = center.Market.Buy();
        var activation = center.Activation(cloud);
        var first = await center.Deployment.SendAsync(activation);
        await center.CloseAsync(cloud);
        (await center.LoadAsync(activation.WorkspaceId)).Method.ShouldBe(SettlementMethod.BillingCenter);
        var again = await center.Deployment.SendAsync(activation);
        again.Method.ShouldBe(SettlementMethod.Cloud(CloudProvider.HuaweiCloud));
        again.ShouldBe(first with { ActivatedAt = again.ActivatedAt });
    }

    [Fact]
    public async Task The_same_ask_sent_many_times_at_once_is_done_once()
    {
        var cloud = center.Market.Buy();
        var activation = center.Activation(cloud);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => center.Deployment.SendAsync(activation)));
        answers.Select(answer => answer.BillingAccountId).Distinct().ShouldHaveSingleItem();
        (await center.EventsAsync(activation.WorkspaceId.Value)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_username_is_taken_whatever_its_case_and_of_two_at_once_one_gets_it()
    {
        var name = center.NewName();
        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(async n =>
        {
            try
            {
                await center.Deployment.SendAsync(center.Activation(username: n % 2 == 0 ? name : name.ToUpperInvariant()));
                return "opened";
            }
            catch (BillingRefusal refusal)
            {
                return refusal.Code;
            }
        }));
        tries.Order(StringComparer.Ordinal).ShouldBe(["opened", "username-taken", "username-taken", "username-taken"]);
        (await center.Deployment.SendAsync(new CheckBillingUsername(BillingCenter.Cn4, name.ToUpperInvariant()))).Taken.ShouldBeTrue();
        (await center.Deployment.SendAsync(new CheckBillingUsername(BillingCenter.Cn4, center.NewName()))).Taken.ShouldBeFalse();
    }

    [Fact]
    public async Task A_first_claim_is_announced_to_the_buyer_and_a_second_claim_is_a_conflict()
    {
        var cloud = center.Market.Buy();
        var first = await center.Deployment.SendAsync(center.Activation(cloud));
        first.CloudAccount.ShouldBe(new CloudAccountKey(CloudProvider.HuaweiCloud, cloud.AccountId!));
        (await center.Deployment.MailsToAsync(cloud.BuyerEmail!)).ShouldHaveSingleItem().Text.ShouldContain(first.BillingUsername);

        var rival = center.Activation(cloud);
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(rival))).Code.ShouldBe("cloud-account-claimed");
        (await center.Deployment.SendAsync(new CheckBillingUsername(BillingCenter.Cn4, rival.NewAccount!.Username))).Taken.ShouldBeFalse("nothing is left half-done");
    }

    [Fact]
    public async Task Of_many_who_claim_a_cloud_account_at_once_one_gets_it()
    {
        var cloud = center.Market.Buy();
        var tries = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                await center.Deployment.SendAsync(center.Activation(cloud));
                return "claimed";
            }
            catch (BillingRefusal refusal)
            {
                return refusal.Code;
            }
        }));
        tries.Order(StringComparer.Ordinal).ShouldBe(["claimed", "cloud-account-claimed", "cloud-account-claimed", "cloud-account-claimed"]);
    }

    [Fact]
    public async Task Without_an_open_subscription_the_customer_is_told_where_to_buy()
    {
        var refusal = await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(center.Activation(cloudAccountId: "nobodys-account")));
        refusal.Code.ShouldBe("cloud-account-unknown");
        refusal.Details["marketUrl"].ShouldBeOfType<string>().ShouldStartWith("https://");
    }

    [Fact]
    public async Task A_method_that_the_site_does_not_offer_needs_the_staffs_flag()
    {
        var cloud = center.Market.Buy();
        var refused = center.Activation(cloud) with { MethodOfferedAtSite = false };
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(refused))).Code.ShouldBe("method-not-offered");

        var customer = await center.CustomerAsync();
        using var staff = await center.OperatorAsync();
        (await staff.SendAsync(HttpMethod.Post, $"/api/operator/billing-accounts/{customer.Account}/arbitrary-settlement", new { allowed = true })).Status.ShouldBe(200);
        var attached = center.Activation(cloud, existing: new(customer.Username, "")) with { MethodOfferedAtSite = false };
        attached = attached with { ExistingAccount = new(customer.Username, await center.CodeAsync(customer, attached)) };
        (await center.Deployment.SendAsync(attached)).BillingAccountId.ShouldBe(customer.Account);
    }

    [Fact]
    public async Task An_existing_account_is_attached_by_a_mailed_code_which_works_once()
    {
        var customer = await center.CustomerAsync();
        var activation = center.Activation(site: BillingCenter.Za1, existing: new(customer.Username.ToUpperInvariant(), ""));
        var code = await center.CodeAsync(customer, activation);
        activation = activation with { ExistingAccount = new(customer.Username.ToUpperInvariant(), code) };
        (await center.Deployment.SendAsync(activation)).BillingAccountId.ShouldBe(customer.Account);
        (await center.EventsAsync(customer.Account.Value)).OfType<BillingAccountJoinedSite>().Select(e => e.Site).ShouldBe([BillingCenter.Cn4, BillingCenter.Za1]);

        var second = activation with { WorkspaceId = Ids.New<WorkspaceId>(center.Deployment.Clock) };
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(second))).Code.ShouldBe("billing-code-expired");
    }

    [Fact]
    public async Task Five_wrong_codes_use_up_the_code_also_when_they_come_at_once()
    {
        var customer = await center.CustomerAsync();
        var activation = center.Activation(existing: new(customer.Username, ""));
        var code = await center.CodeAsync(customer, activation);
        var wrong = activation with { ExistingAccount = new(customer.Username, code == "000000" ? "000001" : "000000") };
        var codes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(wrong))).Code));
        codes.Count(c => c == "billing-code-wrong").ShouldBe(5);
        codes.Count(c => c == "billing-code-expired").ShouldBe(3);
        var right = activation with { ExistingAccount = new(customer.Username, code) };
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(right))).Code.ShouldBe("billing-code-expired");
    }

    [Fact]
    public async Task A_code_works_for_ten_minutes_and_a_new_one_can_be_had_after_a_minute()
    {
        var customer = await center.CustomerAsync();
        var activation = center.Activation(existing: new(customer.Username, ""));
        var request = new SendBillingAccountCode(activation.Site, activation.RegistrationId, customer.Username, center.Now);
        var code = await center.CodeAsync(customer, activation);
        await center.Deployment.SendAsync(request);
        await center.Deployment.SendAsync(request with { RequestedAt = center.Now });
        (await center.CodeMailsAsync(customer)).Length.ShouldBe(1, "at most one a minute, and none for the same request");

        center.Deployment.Clock.Advance(TimeSpan.FromMinutes(10));
        var late = activation with { ExistingAccount = new(customer.Username, code) };
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(late))).Code.ShouldBe("billing-code-expired");

        var fresh = await center.CodeAsync(customer, activation);
        await center.Deployment.SendAsync(activation with { ExistingAccount = new(customer.Username, fresh) });
    }

    [Fact]
    public async Task An_account_that_does_not_exist_is_answered_alike()
    {
        var nobody = new SendBillingAccountCode(BillingCenter.Cn4, Ids.New<RegistrationId>(center.Deployment.Clock), center.NewName(), center.Now);
        (await center.Deployment.SendAsync(nobody)).ExpiresAt.ShouldBeGreaterThan(center.Now.AddMinutes(9));
        var attach = center.Activation(existing: new(nobody.BillingUsername, "123456"));
        (await Should.ThrowAsync<BillingRefusal>(center.Deployment.SendAsync(attach))).Code.ShouldBe("billing-code-wrong");
    }
}
