namespace Guance.Billing.Registration.Domain;

/// <summary>What is known of a username and an address when a registration starts.</summary>
/// <param name="UsernameTakenInBillingCenter">A billing account has the username; false also when the Billing Center could not be asked.</param>
/// <param name="UsernameTakenAtSite">A console account of the site has it.</param>
/// <param name="EmailTakenAtSite">A console account of the site has the address.</param>
internal sealed record Availability(bool UsernameTakenInBillingCenter, bool UsernameTakenAtSite, bool EmailTakenAtSite);

/// <summary>What the customer chose in step 3, well-formed.</summary>
/// <param name="Method">The method.</param>
/// <param name="WorkspaceName">1-256 characters.</param>
/// <param name="WorkspaceLanguage"><c>zh</c> or <c>en</c>.</param>
/// <param name="CloudAccountId">The cloud account's ID, if one was given.</param>
/// <param name="BillingUsername">The billing account to be attached, if one was named.</param>
/// <param name="HasBillingCode">Whether the code mailed to that account's address was given.</param>
/// <param name="NewBillingUsername">Another username for the billing account to be opened, if one was given.</param>
internal sealed record ActivationChoice(
    SettlementMethod Method,
    string WorkspaceName,
    string WorkspaceLanguage,
    string? CloudAccountId,
    string? BillingUsername,
    bool HasBillingCode,
    string? NewBillingUsername);

/// <summary>What a choice meets at the site.</summary>
/// <param name="Site">The site.</param>
/// <param name="Methods">What it offers.</param>
/// <param name="SameBillingCode">While an activation is under way: whether the code given is the one that it was asked with.</param>
/// <param name="Agreements">The terms accepted, each <c>name@version</c>.</param>
internal sealed record ActivationFacts(SiteCode Site, ActivationMethods Methods, bool SameBillingCode, IReadOnlyList<string> Agreements);

/// <summary>What the Billing Center answered.</summary>
internal sealed record ActivationAnswer(
    BillingAccountId BillingAccountId, string BillingUsername, SettlementMethod Method, CloudAccountKey? CloudAccount, DateTimeOffset BoundAt);

/// <summary>Decides about a registration (rules §2). Each decision repeated with the same content adds nothing.</summary>
internal static class RegistrationDecider
{
    /// <summary>Starts a registration.</summary>
    /// <exception cref="BillingRefusal"><c>username-taken</c>, <c>username-taken-at-site</c>, <c>email-taken-at-site</c>.</exception>
    public static RegistrationStarted Start(RegistrationStarted wanted, Availability availability)
    {
        RequireFreeAtSite(availability);
        if (availability.UsernameTakenInBillingCenter && wanted.BillingAccount is BillingAccountChoice.New)
        {
            throw Refuse.UsernameTaken();
        }

        return wanted;
    }

    /// <summary>Notes that the right code was given.</summary>
    public static IReadOnlyList<object> ConfirmEmail(CommercialRegistration registration, DateTimeOffset now) =>
        registration.State is RegistrationState.Started ? [new EmailConfirmed(now)] : [];

    /// <summary>Allows a further code only while the address is not confirmed.</summary>
    /// <exception cref="BillingRefusal"><c>email-already-confirmed</c>.</exception>
    public static void RequireUnconfirmed(CommercialRegistration registration)
    {
        if (registration.State is not RegistrationState.Started)
        {
            throw Refuse.EmailAlreadyConfirmed();
        }
    }

    /// <summary>Takes the company and creates the console account.</summary>
    /// <exception cref="BillingRefusal"><c>step-not-reached</c>, <c>company-already-provided</c>, <c>username-taken-at-site</c>,
    /// <c>email-taken-at-site</c>.</exception>
    public static IReadOnlyList<object> ProvideCompany(
        CommercialRegistration registration, Company company, IReadOnlyList<string> agreements, string userId, Availability availability, DateTimeOffset now)
    {
        switch (registration.State)
        {
            case RegistrationState.Started:
                throw Refuse.StepNotReached(registration.State);
            case RegistrationState.EmailConfirmed:
                RequireFreeAtSite(availability);
                return [new CompanyProvided(company, agreements, now), new ConsoleAccountCreated(userId, now)];
            default:
                return registration.Company == company ? [] : throw Refuse.CompanyAlreadyProvided();
        }
    }

    /// <summary>Allows step 3 only once step 2 is done and as long as nothing is under way or done.</summary>
    /// <exception cref="BillingRefusal"><c>step-not-reached</c>, <c>activating</c>, <c>already-activated</c>.</exception>
    public static void RequireActivatable(CommercialRegistration registration)
    {
        switch (registration.State)
        {
            case RegistrationState.Started or RegistrationState.EmailConfirmed:
                throw Refuse.StepNotReached(registration.State);
            case RegistrationState.Activating:
                throw Refuse.Activating();
            case RegistrationState.Activated:
                throw Refuse.AlreadyActivated();
        }
    }

    /// <summary>Takes the choice; the Billing Center is then asked until it answers.</summary>
    /// <exception cref="BillingRefusal"><c>step-not-reached</c>, <c>activating</c>, <c>already-activated</c>, <c>method-unknown</c>,
    /// <c>cloud-account-id-missing</c>, <c>cloud-account-id-unexpected</c>, <c>billing-username-missing</c>,
    /// <c>billing-code-missing</c>, <c>billing-account-ambiguous</c>.</exception>
    public static IReadOnlyList<object> RequestActivation(
        CommercialRegistration registration, ActivationChoice choice, ActivationFacts facts, DateTimeOffset now)
    {
        if (registration.State is RegistrationState.Started or RegistrationState.EmailConfirmed)
        {
            throw Refuse.StepNotReached(registration.State);
        }

        var request = Request(registration, choice, facts);
        switch (registration.State)
        {
            case RegistrationState.Activating:
                return IsSame(registration.Activation!, request) && facts.SameBillingCode ? [] : throw Refuse.Activating();
            case RegistrationState.Activated:
                return IsSame(registration.Activation!, request) ? [] : throw Refuse.AlreadyActivated();
            default:
                return [new ActivationRequested(registration.Attempt + 1, request, facts.Agreements, now)];
        }
    }

    /// <summary>Notes a no of the Billing Center: the registration stays at step 3. The no of an earlier attempt changes nothing.</summary>
    public static IReadOnlyList<object> RefuseActivation(
        CommercialRegistration registration, int attempt, RefusalKind kind, string code, string message, DateTimeOffset now) =>
        registration.State is RegistrationState.Activating && registration.Attempt == attempt
            ? [new ActivationRefused(attempt, kind, code, message, now)]
            : [];

    /// <summary>
    /// Notes the Billing Center's yes. It counts whenever it arrives: the workspace is bound there, whatever an ask that ran beside it
    /// was told.
    /// </summary>
    public static IReadOnlyList<object> CompleteActivation(CommercialRegistration registration, ActivationAnswer answer, DateTimeOffset now)
    {
        if (registration.State is RegistrationState.Activated)
        {
            return [];
        }

        var request = registration.Activation ?? throw new InvalidOperationException($"{registration.Id} was answered but never asked.");
        var owner = registration.UserId ?? throw new InvalidOperationException($"{registration.Id} has no console account.");
        return
        [
            new RegistrationActivated(
                new NewWorkspace(request.WorkspaceId, owner, request.WorkspaceName, request.WorkspaceLanguage),
                answer.BillingAccountId,
                answer.BillingUsername,
                answer.Method,
                answer.CloudAccount,
                answer.BoundAt,
                now),
        ];
    }

    /// <summary>The workspace's id, the same for every attempt of a registration.</summary>
    public static WorkspaceId WorkspaceIdOf(RegistrationId registration) => Ids.Deterministic<WorkspaceId>("registration", registration.Value, "workspace");

    private static ActivationRequest Request(CommercialRegistration registration, ActivationChoice choice, ActivationFacts facts)
    {
        if (!facts.Methods.Knows(choice.Method))
        {
            throw Refuse.MethodUnknown(string.Join(", ", facts.Methods.All.Select(method => method.Method.Value)));
        }

        if (choice.Method.IsCloud && choice.CloudAccountId is null)
        {
            throw Refuse.CloudAccountIdMissing(choice.Method);
        }

        if (!choice.Method.IsCloud && choice.CloudAccountId is not null)
        {
            throw Refuse.CloudAccountIdUnexpected(choice.Method);
        }

        var attaches = choice.BillingUsername is not null || choice.HasBillingCode
            || (registration.BillingAccount is BillingAccountChoice.Existing && choice.NewBillingUsername is null);
        if (attaches)
        {
            RequireAttachable(choice);
        }

        return new ActivationRequest(
            WorkspaceIdOf(registration.RegistrationId),
            choice.WorkspaceName,
            choice.WorkspaceLanguage,
            choice.Method,
            choice.CloudAccountId,
            facts.Methods.Offers(facts.Site, choice.Method),
            attaches ? null : choice.NewBillingUsername ?? registration.Username,
            attaches ? choice.BillingUsername : null);
    }

    private static void RequireAttachable(ActivationChoice choice)
    {
        if (choice.NewBillingUsername is not null)
        {
            throw Refuse.BillingAccountAmbiguous();
        }

        if (choice.BillingUsername is null)
        {
            throw Refuse.BillingUsernameMissing();
        }

        if (!choice.HasBillingCode)
        {
            throw Refuse.BillingCodeMissing();
        }
    }

    // Whether the site offers the method is a fact of the moment of the request, not of the customer's content.
    private static bool IsSame(ActivationRequest asked, ActivationRequest now) => asked with { MethodOfferedAtSite = now.MethodOfferedAtSite } == now;

    private static void RequireFreeAtSite(Availability availability)
    {
        if (availability.UsernameTakenAtSite)
        {
            throw Refuse.UsernameTakenAtSite();
        }

        if (availability.EmailTakenAtSite)
        {
            throw Refuse.EmailTakenAtSite();
        }
    }
}
