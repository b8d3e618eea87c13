using Guance.Billing.Registration.Domain;

namespace Guance.Billing.Registration.Tests.Domain;

/// <summary>Given facts, when something is decided, then other facts or a refusal.</summary>
internal static class Spec
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    public static readonly RegistrationId Id = RegistrationId.Of("reg_0123456789abcdef0123456789abcdef");

    public static readonly Company Acme = new("Acme Ltd", "Retail", null, null, "Li Lei", "li@acme.example", null);

    public static readonly RegistrationStarted Started = new(Id, "acme", "li@acme.example", null, BillingAccountChoice.New, Now);

    public static readonly object[] AccountCreated =
        [Started, new EmailConfirmed(Now), new CompanyProvided(Acme, ["privacy@1"], Now), new ConsoleAccountCreated("user-1", Now)];

    public static CommercialRegistration Given(params object[] events) =>
        events.Skip(1).Aggregate(CommercialRegistration.Create((RegistrationStarted)events[0]), (state, e) => e switch
        {
            EmailConfirmed confirmed => state.Apply(confirmed),
            CompanyProvided company => state.Apply(company),
            ConsoleAccountCreated created => state.Apply(created),
            ActivationRequested requested => state.Apply(requested),
            ActivationRefused refused => state.Apply(refused),
            RegistrationActivated activated => state.Apply(activated),
            _ => throw new ArgumentOutOfRangeException(nameof(events), e, "Not a fact of a registration."),
        });

    public static BillingRefusal Refused(Func<object> decision, string code)
    {
        var refusal = Should.Throw<BillingRefusal>(() => decision());
        refusal.Code.ShouldBe(code);
        return refusal;
    }
}
