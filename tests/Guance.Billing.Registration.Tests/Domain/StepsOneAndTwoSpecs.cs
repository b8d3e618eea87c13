using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using static Guance.Billing.Registration.Tests.Domain.Spec;

namespace Guance.Billing.Registration.Tests.Domain;

public sealed class StepsOneAndTwoSpecs
{
    private static readonly Availability Free = new(false, false, false);

    [Fact]
    public void A_free_username_and_address_start_a_registration() =>
        RegistrationDecider.Start(Started, Free).ShouldBe(Started);

    [Fact]
    public void A_username_of_the_Billing_Center_is_refused_for_a_new_billing_account() =>
        Refused(() => RegistrationDecider.Start(Started, Free with { UsernameTakenInBillingCenter = true }), "username-taken");

    [Fact]
    public void A_username_of_the_Billing_Center_is_accepted_when_that_account_is_to_be_attached()
    {
        var attaching = Started with { BillingAccount = BillingAccountChoice.Existing };
        RegistrationDecider.Start(attaching, Free with { UsernameTakenInBillingCenter = true }).ShouldBe(attaching);
    }

    [Fact]
    public void A_username_of_a_console_account_of_the_site_is_refused_whatever_the_billing_account() =>
        Refused(() => RegistrationDecider.Start(Started with { BillingAccount = BillingAccountChoice.Existing }, Free with { UsernameTakenAtSite = true }),
            "username-taken-at-site");

    [Fact]
    public void An_address_of_a_console_account_of_the_site_is_refused() =>
        Refused(() => RegistrationDecider.Start(Started, Free with { EmailTakenAtSite = true }), "email-taken-at-site");

    [Fact]
    public void The_right_code_confirms_the_address() =>
        RegistrationDecider.ConfirmEmail(Given(Started), Now).ShouldBe([new EmailConfirmed(Now)]);

    [Fact]
    public void Confirming_again_adds_nothing() =>
        RegistrationDecider.ConfirmEmail(Given(Started, new EmailConfirmed(Now)), Now).ShouldBeEmpty();

    [Theory]
    [InlineData(0, true)]
    [InlineData(599, true)]
    [InlineData(600, false)]
    public void A_code_is_good_for_less_than_ten_minutes(int ageSeconds, bool good) =>
        EmailCodeRules.Judge(true, 5, Now, Now.AddSeconds(ageSeconds)).ShouldBe(good ? CodeOutcome.Confirmed : CodeOutcome.Expired);

    [Theory]
    [InlineData(true, 1, nameof(CodeOutcome.Confirmed))]
    [InlineData(false, 1, nameof(CodeOutcome.Wrong))]
    [InlineData(true, 0, nameof(CodeOutcome.TriesUsedUp))]
    [InlineData(false, 0, nameof(CodeOutcome.TriesUsedUp))]
    public void A_code_works_as_long_as_a_try_is_left(bool matches, int triesLeft, string outcome) =>
        EmailCodeRules.Judge(matches, triesLeft, Now, Now).ToString().ShouldBe(outcome);

    [Theory]
    [InlineData(0, 60)]
    [InlineData(59, 1)]
    [InlineData(60, 0)]
    public void Another_code_can_be_mailed_after_sixty_seconds(int ageSeconds, int secondsToWait)
    {
        EmailCodeRules.SecondsUntilResend(Now, Now.AddSeconds(ageSeconds)).ShouldBe(secondsToWait);
        if (secondsToWait == 0)
        {
            Should.NotThrow(() => EmailCodeRules.RequireResendAllowed(Now, Now.AddSeconds(ageSeconds)));
            return;
        }

        var refusal = Should.Throw<BillingRefusal>(() => EmailCodeRules.RequireResendAllowed(Now, Now.AddSeconds(ageSeconds)));
        refusal.Code.ShouldBe("code-sent-recently");
        refusal.Details["retryAfterSeconds"].ShouldBe(secondsToWait);
    }

    [Fact]
    public void No_further_code_is_mailed_for_a_confirmed_address() =>
        Should.Throw<BillingRefusal>(() => RegistrationDecider.RequireUnconfirmed(Given(Started, new EmailConfirmed(Now))))
            .Code.ShouldBe("email-already-confirmed");

    [Fact]
    public void The_company_creates_the_console_account()
    {
        var events = RegistrationDecider.ProvideCompany(Given(Started, new EmailConfirmed(Now)), Acme, ["privacy@1"], "user-1", Free, Now);

        events.Count.ShouldBe(2);
        events[0].ShouldBeOfType<CompanyProvided>().Company.ShouldBe(Acme);
        events[1].ShouldBe(new ConsoleAccountCreated("user-1", Now));
    }

    [Fact]
    public void The_company_is_refused_before_the_address_is_confirmed_and_says_so() =>
        Refused(() => RegistrationDecider.ProvideCompany(Given(Started), Acme, [], "user-1", Free, Now), "step-not-reached")
            .Details["toDo"].ShouldBe("email-confirmation");

    [Fact]
    public void The_same_company_again_adds_nothing_even_though_its_username_is_taken_by_itself() =>
        RegistrationDecider.ProvideCompany(Given(AccountCreated), Acme with { }, [], "user-1", new Availability(true, true, true), Now).ShouldBeEmpty();

    [Fact]
    public void Another_company_is_refused_once_the_account_exists() =>
        Refused(() => RegistrationDecider.ProvideCompany(Given(AccountCreated), Acme with { Region = "Guangdong" }, [], "user-1", Free, Now),
            "company-already-provided");

    [Fact]
    public void A_username_that_another_registration_took_meanwhile_is_refused_in_step_two() =>
        Refused(() => RegistrationDecider.ProvideCompany(
            Given(Started, new EmailConfirmed(Now)), Acme, [], "user-1", Free with { UsernameTakenAtSite = true }, Now), "username-taken-at-site");
}
