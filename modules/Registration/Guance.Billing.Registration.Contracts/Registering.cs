namespace Guance.Billing.Registration.Contracts;

/// <summary>Whether a billing account has a username already; false also when the Billing Center cannot be asked, since step 3 asks again.</summary>
/// <param name="Username">As typed; one that is not well-formed is nobody's.</param>
public sealed record CheckUsername(string? Username) : IQuery<bool>;

/// <summary>Step 1 (rules §2): start a registration and mail the code that confirms the address.</summary>
/// <remarks>
/// Refusals: <c>username-invalid</c>, <c>password-invalid</c>, <c>email-invalid</c>, <c>phone-invalid</c>, <c>billing-account-invalid</c>,
/// <c>username-taken</c>, <c>username-taken-at-site</c>, <c>email-taken-at-site</c>.
/// </remarks>
/// <param name="Username">2-64 characters, unique in the Billing Center and at the site whatever its case.</param>
/// <param name="Password">8-32 characters, three of four classes; kept as a hash alone.</param>
/// <param name="Email">Gets the code.</param>
/// <param name="Phone">International, with a leading plus; optional.</param>
/// <param name="BillingAccount"><c>new</c> (if left out) or <c>existing</c>.</param>
/// <param name="UsernameTakenInBillingCenter">The answer to <see cref="CheckUsername"/>.</param>
public sealed record StartRegistration(
    string? Username, string? Password, string? Email, string? Phone, string? BillingAccount, bool UsernameTakenInBillingCenter) : ICommand<RegistrationView>;

/// <summary>
/// Try a code. A wrong one is no refusal but an answer, since the try must stay counted. A confirmed address stays so whatever is tried.
/// </summary>
/// <remarks>Refusals: <c>registration-not-found</c>, <c>code-invalid</c>.</remarks>
/// <param name="Id">The registration.</param>
/// <param name="UserId">The console user who asks; null for somebody who has not signed in.</param>
/// <param name="Code">6 digits.</param>
public sealed record ConfirmEmail(RegistrationId Id, string? UserId, string Code) : ICommand<CodeTried>;

/// <summary>What came of it.</summary>
/// <param name="Outcome">Whether the address is confirmed.</param>
/// <param name="TriesLeft">How many tries the code has left.</param>
public sealed record CodeTried(CodeOutcome Outcome, int TriesLeft);

/// <summary>What came of a try to confirm an address.</summary>
public enum CodeOutcome
{
    /// <summary>The code was right; the address is confirmed.</summary>
    Confirmed,

    /// <summary>Not this code.</summary>
    Wrong,

    /// <summary>The code's ten minutes are over.</summary>
    Expired,

    /// <summary>Five tries failed: this code cannot be used any more.</summary>
    TriesUsedUp,
}

/// <summary>Mail a new code, which replaces the one before and has tries of its own.</summary>
/// <remarks>Refusals: <c>registration-not-found</c>, <c>email-already-confirmed</c>, <c>code-sent-recently</c>.</remarks>
/// <param name="Id">The registration.</param>
/// <param name="UserId">The console user who asks; null for somebody who has not signed in.</param>
public sealed record SendEmailCode(RegistrationId Id, string? UserId) : ICommand;

/// <summary>Step 2 (rules §2): give the company and accept the agreements; the console account is created with it.</summary>
/// <remarks>
/// Refusals: <c>registration-not-found</c>, <c>company-name-invalid</c>, <c>agreements-not-accepted</c>, <c>industry-invalid</c>,
/// <c>region-invalid</c>, <c>introduction-invalid</c>, <c>contact-name-invalid</c>, <c>contact-email-invalid</c>, <c>contact-phone-invalid</c>,
/// <c>step-not-reached</c>, <c>company-already-provided</c>, <c>username-taken-at-site</c>, <c>email-taken-at-site</c>.
/// </remarks>
/// <param name="Id">The registration.</param>
/// <param name="UserId">The console user who asks; null for somebody who has not signed in.</param>
/// <param name="CompanyName">1-256 characters.</param>
/// <param name="AgreementsAccepted">Must be.</param>
/// <param name="Industry">Optional, at most 128 characters.</param>
/// <param name="Region">Optional, at most 128 characters.</param>
/// <param name="Introduction">Optional, at most 2000 characters, in lines.</param>
/// <param name="ContactName">Optional, at most 128 characters.</param>
/// <param name="ContactEmail">Optional.</param>
/// <param name="ContactPhone">Optional, at most 128 characters.</param>
public sealed record ProvideCompany(
    RegistrationId Id,
    string? UserId,
    string? CompanyName,
    bool AgreementsAccepted,
    string? Industry,
    string? Region,
    string? Introduction,
    string? ContactName,
    string? ContactEmail,
    string? ContactPhone) : ICommand<ConsoleAccount>;

/// <summary>The console account of a registration.</summary>
/// <param name="UserId">Its id.</param>
/// <param name="Username">Its username.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record ConsoleAccount(string UserId, string Username, DateTimeOffset CreatedAt);

/// <summary>
/// Step 3 (rules §2): take the choice. The Billing Center is asked after it has committed, so that whatever happens then the asking goes
/// on with the same content; <see cref="GetRegistration"/> says what it answered.
/// </summary>
/// <remarks>
/// Refusals: <c>registration-not-found</c>, <c>method-unknown</c>, <c>workspace-name-invalid</c>, <c>workspace-language-invalid</c>,
/// <c>cloud-account-id-invalid</c>, <c>terms-not-accepted</c>, <c>billing-username-invalid</c>, <c>billing-code-invalid</c>,
/// <c>new-billing-username-invalid</c>, <c>step-not-reached</c>, <c>activating</c>, <c>already-activated</c>, <c>cloud-account-id-missing</c>,
/// <c>cloud-account-id-unexpected</c>, <c>billing-username-missing</c>, <c>billing-code-missing</c>, <c>billing-account-ambiguous</c>.
/// </remarks>
/// <param name="Id">The registration.</param>
/// <param name="UserId">The console user who asks; null for somebody who has not signed in.</param>
/// <param name="Method">One that the site offers, or another for whom the staff flag lets choose it.</param>
/// <param name="WorkspaceName">1-256 characters.</param>
/// <param name="WorkspaceLanguage"><c>zh</c> or <c>en</c>.</param>
/// <param name="CloudAccountId">The cloud account; needed by a cloud's method, else left out.</param>
/// <param name="TermsAccepted">Must be.</param>
/// <param name="BillingUsername">The billing account to be attached; left out where one is opened.</param>
/// <param name="BillingCode">The code that was mailed to its address.</param>
/// <param name="NewBillingUsername">Another username for the billing account to be opened; left out, it has the console account's.</param>
/// <param name="AskAtOnce">Have the Billing Center asked at once, where the caller does not ask it by itself.</param>
public sealed record RequestActivation(
    RegistrationId Id,
    string? UserId,
    string? Method,
    string? WorkspaceName,
    string? WorkspaceLanguage,
    string? CloudAccountId,
    bool TermsAccepted,
    string? BillingUsername,
    string? BillingCode,
    string? NewBillingUsername,
    bool AskAtOnce) : ICommand;

/// <summary>
/// Allow a code to be asked for, at the instant that identifies the request at the Billing Center. It changes nothing here, but under an
/// <c>Idempotency-Key</c> the instant is remembered, so that the same request mails once.
/// </summary>
/// <remarks>
/// Refusals: <c>registration-not-found</c>, <c>billing-username-invalid</c>, <c>step-not-reached</c>, <c>activating</c>, <c>already-activated</c>.
/// </remarks>
/// <param name="Id">The registration.</param>
/// <param name="UserId">The console user who asks; null for somebody who has not signed in.</param>
/// <param name="BillingUsername">The billing account.</param>
public sealed record RequestBillingAccountCode(RegistrationId Id, string? UserId, string? BillingUsername) : ICommand<DateTimeOffset>;

/// <summary>
/// Ask the Billing Center to mail the code that <see cref="RequestBillingAccountCode"/> has allowed. Nothing changes here, and asked again
/// for the same instant nothing more is mailed.
/// </summary>
/// <remarks>Refusals: <c>billing-center-unreachable</c>.</remarks>
/// <param name="Id">The registration.</param>
/// <param name="BillingUsername">The billing account; one that does not exist is answered alike.</param>
/// <param name="RequestedAt">The answer to <see cref="RequestBillingAccountCode"/>.</param>
public sealed record MailBillingAccountCode(RegistrationId Id, string BillingUsername, DateTimeOffset RequestedAt) : IQuery<BillingAccountCodeMailed>;

/// <summary>The code is on its way, if the account exists.</summary>
/// <param name="ExpiresAt">Until when a code mailed now can be used: ten minutes.</param>
public sealed record BillingAccountCodeMailed(DateTimeOffset ExpiresAt);

/// <summary>What a site offers for step 3, and what each method needs.</summary>
public sealed record GetActivationMethods : IQuery<ActivationMethodsView>;

/// <summary>What a site offers for step 3.</summary>
/// <param name="Site">The site.</param>
/// <param name="HostCloud">The cloud that hosts it, where known.</param>
/// <param name="Preselected">The method that is chosen first.</param>
/// <param name="Items">The methods.</param>
public sealed record ActivationMethodsView(SiteCode Site, string? HostCloud, SettlementMethod Preselected, IReadOnlyList<ActivationMethodView> Items);

/// <summary>A method and what it needs.</summary>
/// <param name="Method">The method.</param>
/// <param name="Fields">The fields that activation needs with it.</param>
/// <param name="MarketUrl">Where the product is bought first; null where nothing is to be bought.</param>
public sealed record ActivationMethodView(SettlementMethod Method, IReadOnlyList<string> Fields, string? MarketUrl);
