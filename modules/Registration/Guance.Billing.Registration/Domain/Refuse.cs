using Guance.Billing.Registration.Contracts;

namespace Guance.Billing.Registration.Domain;

/// <summary>The refusals of registering, each with its stable code.</summary>
internal static class Refuse
{
    public const string NotFoundCode = "registration-not-found";
    public const string StepNotReachedCode = "step-not-reached";
    public const string UsernameTakenCode = "username-taken";
    public const string UsernameTakenAtSiteCode = "username-taken-at-site";
    public const string EmailTakenAtSiteCode = "email-taken-at-site";
    public const string EmailAlreadyConfirmedCode = "email-already-confirmed";
    public const string CodeWrongCode = "code-wrong";
    public const string CodeExpiredCode = "code-expired";
    public const string CodeTriesUsedUpCode = "code-tries-used-up";
    public const string CodeSentRecentlyCode = "code-sent-recently";
    public const string CompanyAlreadyProvidedCode = "company-already-provided";
    public const string ActivatingCode = "activating";
    public const string AlreadyActivatedCode = "already-activated";
    public const string MethodUnknownCode = "method-unknown";
    public const string CloudAccountIdMissingCode = "cloud-account-id-missing";
    public const string CloudAccountIdUnexpectedCode = "cloud-account-id-unexpected";
    public const string BillingUsernameMissingCode = "billing-username-missing";
    public const string BillingCodeMissingCode = "billing-code-missing";
    public const string BillingAccountAmbiguousCode = "billing-account-ambiguous";
    public const string SignInFailedCode = "sign-in-failed";
    public const string BillingCenterUnreachableCode = "billing-center-unreachable";

    public static BillingRefusal NotFound() =>
        BillingRefusal.NotFound(NotFoundCode, "There is no such registration. Check the address, or start a new registration.");

    public static BillingRefusal StepNotReached(RegistrationState state) => BillingRefusal.Conflict(
        StepNotReachedCode,
        state switch
        {
            RegistrationState.Started => "Confirm the e-mail address first, with the code that was mailed to it.",
            RegistrationState.EmailConfirmed => "Give the company information first.",
            _ => "Choose how to activate first.",
        },
        Details(("step", Steps.Number(state)), ("toDo", Steps.ToDo(state))));

    public static BillingRefusal UsernameTaken() => BillingRefusal.Conflict(
        UsernameTakenCode,
        "A billing account has this username already. Choose another one, or, if the account is yours, say billingAccount: existing to attach it.");

    public static BillingRefusal UsernameTakenAtSite() => BillingRefusal.Conflict(
        UsernameTakenAtSiteCode, "A console account of this site has this username already. Sign in to it, or start again with another username.");

    public static BillingRefusal EmailTakenAtSite() => BillingRefusal.Conflict(
        EmailTakenAtSiteCode, "A console account of this site has this e-mail address already. Sign in to it, or start again with another address.");

    public static BillingRefusal EmailAlreadyConfirmed() => BillingRefusal.Conflict(
        EmailAlreadyConfirmedCode, "The e-mail address is confirmed already; go on with the company information.");

    public static BillingRefusal Code(CodeOutcome outcome, int triesLeft) => outcome switch
    {
        CodeOutcome.Wrong => BillingRefusal.Unprocessable(
            CodeWrongCode, $"This is not the code that was mailed. Tries left: {triesLeft}.", Details(("triesLeft", triesLeft))),
        CodeOutcome.Expired => BillingRefusal.Unprocessable(CodeExpiredCode, "The code has expired after ten minutes. Ask for a new one."),
        CodeOutcome.TriesUsedUp => BillingRefusal.Unprocessable(
            CodeTriesUsedUpCode, "Too many wrong tries: this code cannot be used any more. Ask for a new one.", Details(("triesLeft", 0))),
        _ => throw new InvalidOperationException("A confirmed code is no refusal."),
    };

    public static BillingRefusal CodeSentRecently(int seconds) => new(
        RefusalKind.TooMany, CodeSentRecentlyCode, $"A code was mailed a moment ago. Ask for another one in {seconds} s.", Details(("retryAfterSeconds", seconds)));

    public static BillingRefusal CompanyAlreadyProvided() => BillingRefusal.Conflict(
        CompanyAlreadyProvidedCode, "The company information was given already and the console account exists; go on with activation.");

    public static BillingRefusal Activating() => BillingRefusal.Conflict(
        ActivatingCode, "The activation is under way with what was asked before. Wait until it is answered; then it can be changed if it was refused.");

    public static BillingRefusal AlreadyActivated() => BillingRefusal.Conflict(
        AlreadyActivatedCode, "This registration is activated already. Sign in to use the workspace.");

    public static BillingRefusal MethodUnknown(string methods) => BillingRefusal.InvalidField(
        "method", MethodUnknownCode, $"There is no such activation method. Choose one of: {methods}.");

    public static BillingRefusal CloudAccountIdMissing(SettlementMethod method) => BillingRefusal.InvalidField(
        "cloudAccountId", CloudAccountIdMissingCode, $"Give the account ID at {method} with which the product was bought.");

    public static BillingRefusal CloudAccountIdUnexpected(SettlementMethod method) => BillingRefusal.InvalidField(
        "cloudAccountId", CloudAccountIdUnexpectedCode, $"The method {method} takes no cloud account ID. Leave it out.");

    public static BillingRefusal BillingUsernameMissing() => BillingRefusal.InvalidField(
        "billingUsername", BillingUsernameMissingCode, "Name the billing account that is to be attached, and give the code that was mailed to its address.");

    public static BillingRefusal BillingCodeMissing() => BillingRefusal.InvalidField(
        "billingCode", BillingCodeMissingCode, "Give the code that was mailed to the billing account's address; ask for one if there is none.");

    public static BillingRefusal BillingAccountAmbiguous() => BillingRefusal.InvalidField(
        "newBillingUsername", BillingAccountAmbiguousCode, "Either attach a billing account (billingUsername, billingCode) or open one (newBillingUsername), not both.");

    public static BillingRefusal SignInFailed() => new(
        RefusalKind.Unauthenticated, SignInFailedCode,
        "Username or password is wrong, or there were too many failed tries: then wait 15 minutes and try again.");

    public static BillingRefusal BillingCenterUnreachable() => new(
        RefusalKind.Unavailable, BillingCenterUnreachableCode, "The Billing Center cannot be reached just now. Try again in a moment.");

    private static Dictionary<string, object?> Details(params ReadOnlySpan<(string Name, object? Value)> members)
    {
        var details = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in members)
        {
            details[name] = value;
        }

        return details;
    }
}

/// <summary>The three steps as the customer counts them.</summary>
internal static class Steps
{
    public static int Number(RegistrationState state) => state switch
    {
        RegistrationState.Started => 1,
        RegistrationState.EmailConfirmed => 2,
        _ => 3,
    };

    public static string? ToDo(RegistrationState state) => state switch
    {
        RegistrationState.Started => "email-confirmation",
        RegistrationState.EmailConfirmed => "company",
        RegistrationState.AccountCreated => "activation",
        _ => null,
    };
}
