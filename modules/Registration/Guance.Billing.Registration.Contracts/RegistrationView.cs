namespace Guance.Billing.Registration.Contracts;

/// <summary>
/// How far a registration is, and what went wrong. An id is a capability: whoever has it may ask. Once its console account exists, it is not
/// there for another console user.
/// </summary>
/// <remarks>Refusals: <c>registration-not-found</c>.</remarks>
/// <param name="Id">The registration.</param>
/// <param name="UserId">The console user who asks; null for somebody who has not signed in.</param>
public sealed record GetRegistration(RegistrationId Id, string? UserId) : IQuery<RegistrationView>;

/// <summary>The registrations of a console user that are not finished, to go on with; an account comes from one registration, so there is one at most.</summary>
/// <param name="UserId">The console user.</param>
public sealed record ListRegistrations(string UserId) : IQuery<Page<RegistrationView>>;

/// <summary>A registration as the person who makes it sees it.</summary>
/// <param name="Id">Unguessable: whoever has it may go on with the registration.</param>
/// <param name="State"><c>started</c>, <c>email-confirmed</c>, <c>account-created</c>, <c>activating</c> or <c>activated</c>.</param>
/// <param name="Step">The step that it stands at: 1, 2 or 3.</param>
/// <param name="ToDo"><c>email-confirmation</c>, <c>company</c>, <c>activation</c>; null when there is nothing to do but wait, or all is done.</param>
/// <param name="Username">The console account's username.</param>
/// <param name="Email">Its mail address.</param>
/// <param name="Phone">E.164, if given.</param>
/// <param name="BillingAccount"><c>new</c> or <c>existing</c>, as chosen in step 1.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="EmailCode">The code that was mailed last, while it is waited for.</param>
/// <param name="Company">What was given in step 2.</param>
/// <param name="Activation">What was asked for last in step 3.</param>
/// <param name="Problem">Why the last activation was refused; null once something else is asked for.</param>
/// <param name="WorkspaceId">The workspace, once activated.</param>
/// <param name="BillingAccountId">The billing account that it belongs to, once activated.</param>
/// <param name="BillingUsername">That account's username, once activated.</param>
/// <param name="SynchronisedBillingAccount">The site's own copy of the account, once it has arrived.</param>
public sealed record RegistrationView(
    RegistrationId Id,
    string State,
    int Step,
    string? ToDo,
    string Username,
    string Email,
    string? Phone,
    string BillingAccount,
    DateTimeOffset StartedAt,
    EmailCodeView? EmailCode,
    CompanyView? Company,
    ActivationView? Activation,
    ProblemView? Problem,
    WorkspaceId? WorkspaceId,
    BillingAccountId? BillingAccountId,
    string? BillingUsername,
    BillingAccountView? SynchronisedBillingAccount);

/// <summary>The code that was mailed last.</summary>
/// <param name="SentAt">When.</param>
/// <param name="ExpiresAt">Until when it can be used.</param>
/// <param name="TriesLeft">How many tries it has left.</param>
/// <param name="ResendInSeconds">Whole seconds until another one can be asked for; 0 when it can.</param>
public sealed record EmailCodeView(DateTimeOffset SentAt, DateTimeOffset ExpiresAt, int TriesLeft, int ResendInSeconds);

/// <summary>The company, in the words of step 2.</summary>
/// <param name="CompanyName">Its name.</param>
/// <param name="Industry">If given.</param>
/// <param name="Region">If given.</param>
/// <param name="Introduction">If given, in lines.</param>
/// <param name="ContactName">If given.</param>
/// <param name="ContactEmail">If given.</param>
/// <param name="ContactPhone">If given.</param>
public sealed record CompanyView(
    string CompanyName, string? Industry, string? Region, string? Introduction, string? ContactName, string? ContactEmail, string? ContactPhone);

/// <summary>What was asked for last in step 3, in its words.</summary>
/// <param name="Attempt">Which try it is, 1 for the first.</param>
/// <param name="Method">The method.</param>
/// <param name="WorkspaceName">The workspace's name.</param>
/// <param name="WorkspaceLanguage"><c>zh</c> or <c>en</c>.</param>
/// <param name="CloudAccountId">The cloud account, where the method has one.</param>
/// <param name="BillingUsername">The billing account to be attached; null where one is opened.</param>
/// <param name="NewBillingUsername">The username of the one to be opened; null where one is attached.</param>
/// <param name="RequestedAt">When.</param>
public sealed record ActivationView(
    int Attempt,
    SettlementMethod Method,
    string WorkspaceName,
    string WorkspaceLanguage,
    string? CloudAccountId,
    string? BillingUsername,
    string? NewBillingUsername,
    DateTimeOffset RequestedAt);

/// <summary>Why the last activation was refused.</summary>
/// <param name="Code">The Billing Center's code.</param>
/// <param name="Message">A sentence that says what to do.</param>
/// <param name="At">When.</param>
public sealed record ProblemView(string Code, string Message, DateTimeOffset At);

/// <summary>A billing account as the site knows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Username">Its username.</param>
/// <param name="CompanyName">Its company.</param>
public sealed record BillingAccountView(BillingAccountId Id, string Username, string CompanyName);
