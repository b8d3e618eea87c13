namespace Guance.Billing.Registration.Domain;

/// <summary>How far a registration is.</summary>
internal enum RegistrationState
{
    /// <summary>Step 1: the e-mail address waits for its confirmation.</summary>
    Started,

    /// <summary>Step 2: company information is wanted.</summary>
    EmailConfirmed,

    /// <summary>Step 3: the console account exists, an activation method is wanted.</summary>
    AccountCreated,

    /// <summary>Step 3: the Billing Center is asked until it answers.</summary>
    Activating,

    /// <summary>Done.</summary>
    Activated,
}

/// <summary>Why the Billing Center refused the last activation.</summary>
internal sealed record ActivationProblem(RefusalKind Kind, string Code, string Message, DateTimeOffset At);

/// <summary>A registration of the Commercial plan (rules §2): folded from its events, kept as a document beside them.</summary>
internal sealed record CommercialRegistration(
    string Id, string Username, string Email, string? Phone, BillingAccountChoice BillingAccount, DateTimeOffset StartedAt)
{
    public RegistrationState State { get; init; }

    public Company? Company { get; init; }

    public string? UserId { get; init; }

    public DateTimeOffset? AccountCreatedAt { get; init; }

    /// <summary>Which try of activation <see cref="Activation"/> is.</summary>
    public int Attempt { get; init; }

    /// <summary>What was asked for last.</summary>
    public ActivationRequest? Activation { get; init; }

    public DateTimeOffset? ActivationRequestedAt { get; init; }

    public ActivationProblem? Problem { get; init; }

    public RegistrationActivated? Activated { get; init; }

    public RegistrationId RegistrationId => RegistrationId.Of(Id);

    public static CommercialRegistration Create(RegistrationStarted e) =>
        new(e.RegistrationId.Value, e.Username, e.Email, e.Phone, e.BillingAccount, e.At);

    public CommercialRegistration Apply(EmailConfirmed _) => this with { State = RegistrationState.EmailConfirmed };

    public CommercialRegistration Apply(CompanyProvided e) => this with { Company = e.Company };

    public CommercialRegistration Apply(ConsoleAccountCreated e) =>
        this with { State = RegistrationState.AccountCreated, UserId = e.UserId, AccountCreatedAt = e.At };

    public CommercialRegistration Apply(ActivationRequested e) => this with
    {
        State = RegistrationState.Activating,
        Attempt = e.Attempt,
        Activation = e.Request,
        ActivationRequestedAt = e.At,
        Problem = null,
    };

    public CommercialRegistration Apply(ActivationRefused e) =>
        this with { State = RegistrationState.AccountCreated, Problem = new(e.Kind, e.Code, e.Message, e.At) };

    public CommercialRegistration Apply(RegistrationActivated e) =>
        this with { State = RegistrationState.Activated, Activated = e, Problem = null };
}
