using Guance.Billing.Registration.Domain;
using static Guance.Billing.Registration.Tests.Domain.Spec;

namespace Guance.Billing.Registration.Tests.Domain;

public sealed class ActivationSpecs
{
    private static readonly SettlementMethod Huawei = SettlementMethod.Of("huawei-cloud");
    private static readonly SettlementMethod Aws = SettlementMethod.Of("aws");
    private static readonly SiteCode Cn4 = SiteCode.Of("cn4");
    private static readonly SiteCode Cn2 = SiteCode.Of("cn2");

    private static readonly ActivationMethods Methods = new(
        [new(SettlementMethod.BillingCenter, ["*"], null), new(Huawei, ["cn4"], "https://market.example"), new(Aws, [], null)],
        new Dictionary<SiteCode, string> { [Cn4] = "huawei-cloud", [Cn2] = "aws" });

    private static readonly ActivationFacts Facts = new(Cn4, Methods, SameBillingCode: true, ["terms@1"]);

    private static readonly ActivationChoice Plain = new(SettlementMethod.BillingCenter, "Shop", "en", null, null, false, null);

    private static readonly ActivationRequest PlainRequest =
        new(RegistrationDecider.WorkspaceIdOf(Id), "Shop", "en", SettlementMethod.BillingCenter, null, true, "acme", null);

    private static readonly ActivationAnswer Yes =
        new(BillingAccountId.Of("acct_0123456789abcdef0123456789abcdef"), "acme", SettlementMethod.BillingCenter, null, Now);

    private static readonly object[] Activating = [.. AccountCreated, new ActivationRequested(1, PlainRequest, [], Now)];

    [Fact]
    public void Activation_is_asked_for_with_a_workspace_id_that_follows_from_the_registration()
    {
        var requested = Requested(Given(AccountCreated), Plain);

        requested.Attempt.ShouldBe(1);
        requested.Request.ShouldBe(PlainRequest);
        requested.Agreements.ShouldBe(["terms@1"]);
    }

    [Theory]
    [InlineData(false, "email-confirmation")]
    [InlineData(true, "company")]
    public void Activation_is_refused_before_step_three_and_names_the_step_to_do(bool confirmed, string toDo)
    {
        var registration = confirmed ? Given(Started, new EmailConfirmed(Now)) : Given(Started);

        Refused(() => Request(registration, Plain), "step-not-reached").Details["toDo"].ShouldBe(toDo);
        Should.Throw<BillingRefusal>(() => RegistrationDecider.RequireActivatable(registration)).Code.ShouldBe("step-not-reached");
    }

    [Fact]
    public void A_cloud_method_takes_the_account_id() =>
        Requested(Given(AccountCreated), Plain with { Method = Huawei, CloudAccountId = "hw-1" }).Request
            .ShouldBe(PlainRequest with { Method = Huawei, CloudAccountId = "hw-1" });

    [Fact]
    public void A_cloud_method_without_account_id_is_refused() =>
        Refused(() => Request(Given(AccountCreated), Plain with { Method = Huawei }), "cloud-account-id-missing");

    [Fact]
    public void The_Billing_Center_takes_no_cloud_account() =>
        Refused(() => Request(Given(AccountCreated), Plain with { CloudAccountId = "hw-1" }), "cloud-account-id-unexpected");

    [Fact]
    public void A_method_that_exists_nowhere_is_refused() =>
        Refused(() => Request(Given(AccountCreated), Plain with { Method = SettlementMethod.Of("azure"), CloudAccountId = "x" }), "method-unknown");

    [Fact]
    public void A_method_that_only_other_sites_offer_is_left_to_the_Billing_Center_to_allow() =>
        Requested(Given(AccountCreated), Plain with { Method = Aws, CloudAccountId = "x" }).Request.MethodOfferedAtSite.ShouldBeFalse();

    [Fact]
    public void A_site_offers_the_Billing_Center_its_host_cloud_and_what_is_configured_for_it()
    {
        Methods.OfferedAt(Cn4).Select(method => method.Method).ShouldBe([SettlementMethod.BillingCenter, Huawei]);
        Methods.OfferedAt(Cn2).Select(method => method.Method).ShouldBe([SettlementMethod.BillingCenter, Aws]);
        Methods.OfferedAt(SiteCode.Of("eu1")).Select(method => method.Method).ShouldBe([SettlementMethod.BillingCenter]);
        Methods.PreselectedAt(Cn4).ShouldBe(Huawei);
        Methods.PreselectedAt(SiteCode.Of("eu1")).ShouldBe(SettlementMethod.BillingCenter);
    }

    [Fact]
    public void A_billing_account_is_attached_by_its_username_and_the_mailed_code()
    {
        var request = Requested(Given(AccountCreated), Plain with { BillingUsername = "boss", HasBillingCode = true }).Request;

        request.ExistingBillingUsername.ShouldBe("boss");
        request.NewBillingUsername.ShouldBeNull();
    }

    [Theory]
    [InlineData("boss", false, null, "billing-code-missing")]
    [InlineData(null, true, null, "billing-username-missing")]
    [InlineData("boss", true, "other", "billing-account-ambiguous")]
    public void Half_a_billing_account_is_refused(string? username, bool hasCode, string? newUsername, string code) =>
        Refused(() => Request(Given(AccountCreated), Plain with { BillingUsername = username, HasBillingCode = hasCode, NewBillingUsername = newUsername }), code);

    [Fact]
    public void Who_said_that_an_account_exists_must_attach_it_or_name_a_new_one()
    {
        object[] events = [Started with { BillingAccount = BillingAccountChoice.Existing }, .. AccountCreated.Skip(1)];

        Refused(() => Request(Given(events), Plain), "billing-username-missing");
        Requested(Given(events), Plain with { NewBillingUsername = "acme-2" }).Request.NewBillingUsername.ShouldBe("acme-2");
    }

    [Fact]
    public void The_same_content_while_activating_adds_nothing() => Request(Given(Activating), Plain).ShouldBeEmpty();

    [Fact]
    public void The_same_content_while_activating_adds_nothing_even_if_the_matrix_changed_meanwhile() =>
        RegistrationDecider.RequestActivation(
            Given([.. AccountCreated, new ActivationRequested(1, PlainRequest with { MethodOfferedAtSite = false }, [], Now)]), Plain, Facts, Now).ShouldBeEmpty();

    [Fact]
    public void Other_content_while_activating_is_refused()
    {
        Refused(() => Request(Given(Activating), Plain with { WorkspaceName = "Other" }), "activating");
        Refused(() => RegistrationDecider.RequestActivation(Given(Activating), Plain, Facts with { SameBillingCode = false }, Now), "activating");
    }

    [Fact]
    public void A_refusal_leads_back_to_step_three_with_its_reason()
    {
        var refused = RegistrationDecider.RefuseActivation(Given(Activating), 1, RefusalKind.Conflict, "username-taken", "Taken.", Now);

        refused.ShouldBe([new ActivationRefused(1, RefusalKind.Conflict, "username-taken", "Taken.", Now)]);
        var registration = Given([.. Activating, .. refused]);
        registration.State.ShouldBe(RegistrationState.AccountCreated);
        registration.Problem.ShouldBe(new ActivationProblem(RefusalKind.Conflict, "username-taken", "Taken.", Now));
    }

    [Fact]
    public void After_a_refusal_other_content_is_the_next_attempt_for_the_same_workspace()
    {
        var registration = Given([.. Activating, new ActivationRefused(1, RefusalKind.Conflict, "username-taken", "Taken.", Now)]);

        var requested = Requested(registration, Plain with { NewBillingUsername = "acme-2" });

        requested.Attempt.ShouldBe(2);
        requested.Request.WorkspaceId.ShouldBe(PlainRequest.WorkspaceId);
    }

    [Fact]
    public void The_refusal_of_an_earlier_attempt_changes_nothing()
    {
        var second = Given([.. Activating, new ActivationRefused(1, RefusalKind.Conflict, "a", "b", Now), new ActivationRequested(2, PlainRequest, [], Now)]);

        RegistrationDecider.RefuseActivation(second, 1, RefusalKind.Conflict, "username-taken", "Taken.", Now).ShouldBeEmpty();
    }

    [Fact]
    public void The_answer_completes_the_registration_once()
    {
        var completed = RegistrationDecider.CompleteActivation(Given(Activating), Yes, Now);

        var activated = completed.ShouldHaveSingleItem().ShouldBeOfType<RegistrationActivated>();
        activated.Workspace.ShouldBe(new NewWorkspace(PlainRequest.WorkspaceId, "user-1", "Shop", "en"));
        activated.BillingAccountId.ShouldBe(Yes.BillingAccountId);
        RegistrationDecider.CompleteActivation(Given([.. Activating, .. completed]), Yes, Now).ShouldBeEmpty();
    }

    [Fact]
    public void A_yes_that_arrives_after_a_no_of_an_ask_beside_it_counts() =>
        RegistrationDecider.CompleteActivation(Given([.. Activating, new ActivationRefused(1, RefusalKind.Conflict, "a", "b", Now)]), Yes, Now)
            .ShouldHaveSingleItem().ShouldBeOfType<RegistrationActivated>();

    [Fact]
    public void A_no_that_arrives_after_the_yes_changes_nothing()
    {
        var activated = Given([.. Activating, .. RegistrationDecider.CompleteActivation(Given(Activating), Yes, Now)]);

        RegistrationDecider.RefuseActivation(activated, 1, RefusalKind.Conflict, "username-taken", "Taken.", Now).ShouldBeEmpty();
        Request(activated, Plain).ShouldBeEmpty();
        Refused(() => Request(activated, Plain with { WorkspaceName = "Other" }), "already-activated");
        Should.Throw<BillingRefusal>(() => RegistrationDecider.RequireActivatable(activated)).Code.ShouldBe("already-activated");
    }

    [Fact]
    public void An_answer_without_a_question_is_a_bug() =>
        Should.Throw<InvalidOperationException>(() => RegistrationDecider.CompleteActivation(Given(AccountCreated), Yes, Now));

    private static IReadOnlyList<object> Request(CommercialRegistration registration, ActivationChoice choice) =>
        RegistrationDecider.RequestActivation(registration, choice, Facts, Now);

    private static ActivationRequested Requested(CommercialRegistration registration, ActivationChoice choice) =>
        Request(registration, choice).ShouldHaveSingleItem().ShouldBeOfType<ActivationRequested>();
}
