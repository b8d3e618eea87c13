using Guance.Billing.Platform.Access;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Tables;
using Marten;

namespace Guance.Billing.Registration.ReadModels;

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
internal sealed record RegistrationView(
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
    BillingAccountView? SynchronisedBillingAccount)
{
    public static RegistrationView Of(CommercialRegistration registration, EmailCodeRow? code, BillingAccountRow? account, DateTimeOffset now) => new(
        registration.RegistrationId,
        registration.State switch
        {
            RegistrationState.Started => "started",
            RegistrationState.EmailConfirmed => "email-confirmed",
            RegistrationState.AccountCreated => "account-created",
            RegistrationState.Activating => "activating",
            _ => "activated",
        },
        Steps.Number(registration.State),
        Steps.ToDo(registration.State),
        registration.Username,
        registration.Email,
        registration.Phone,
        registration.BillingAccount is BillingAccountChoice.Existing ? "existing" : "new",
        registration.StartedAt,
        code is null ? null : EmailCodeView.Of(code, now),
        registration.Company is { } company ? CompanyView.Of(company) : null,
        registration is { Activation: { } asked, ActivationRequestedAt: { } at } ? ActivationView.Of(asked, registration.Attempt, at) : null,
        registration.Problem is { } problem ? new(problem.Code, problem.Message, problem.At) : null,
        registration.Activated?.Workspace.WorkspaceId,
        registration.Activated?.BillingAccountId,
        registration.Activated?.BillingUsername,
        account is null ? null : BillingAccountView.Of(account));
}

/// <summary>The code that was mailed last.</summary>
/// <param name="SentAt">When.</param>
/// <param name="ExpiresAt">Until when it can be used.</param>
/// <param name="TriesLeft">How many tries it has left.</param>
/// <param name="ResendInSeconds">Whole seconds until another one can be asked for; 0 when it can.</param>
internal sealed record EmailCodeView(DateTimeOffset SentAt, DateTimeOffset ExpiresAt, int TriesLeft, int ResendInSeconds)
{
    public static EmailCodeView Of(EmailCodeRow row, DateTimeOffset now) =>
        new(row.SentAt, row.SentAt + EmailCodeRules.Lifetime, row.TriesLeft, EmailCodeRules.SecondsUntilResend(row.SentAt, now));
}

/// <summary>The company, in the words of step 2.</summary>
internal sealed record CompanyView(
    string CompanyName, string? Industry, string? Region, string? Introduction, string? ContactName, string? ContactEmail, string? ContactPhone)
{
    public static CompanyView Of(Company company) => new(
        company.Name, company.Industry, company.Region, company.Introduction, company.ContactName, company.ContactEmail, company.ContactPhone);
}

/// <summary>What was asked for last in step 3, in its words.</summary>
internal sealed record ActivationView(
    int Attempt,
    SettlementMethod Method,
    string WorkspaceName,
    string WorkspaceLanguage,
    string? CloudAccountId,
    string? BillingUsername,
    string? NewBillingUsername,
    DateTimeOffset RequestedAt)
{
    public static ActivationView Of(ActivationRequest asked, int attempt, DateTimeOffset at) => new(
        attempt, asked.Method, asked.WorkspaceName, asked.WorkspaceLanguage, asked.CloudAccountId, asked.ExistingBillingUsername, asked.NewBillingUsername, at);
}

/// <summary>Why the last activation was refused.</summary>
/// <param name="Code">The Billing Center's code.</param>
/// <param name="Message">A sentence that says what to do.</param>
/// <param name="At">When.</param>
internal sealed record ProblemView(string Code, string Message, DateTimeOffset At);

/// <summary>A billing account as the site knows it.</summary>
internal sealed record BillingAccountView(BillingAccountId Id, string Username, string CompanyName)
{
    public static BillingAccountView Of(BillingAccountRow row) => new(SharedKernel.BillingAccountId.Of(row.Id), row.Username, row.CompanyName);
}

/// <summary>Reads registrations for the one who calls.</summary>
internal sealed class Registrations(IQuerySession session, RegistrationDbContext tables, ICallers callers, TimeProvider clock)
{
    /// <summary>
    /// The registration with an id, which is a capability: anonymous callers may use it. Once its console account exists, it is not there
    /// for another console user.
    /// </summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public async Task<CommercialRegistration> RequireAsync(RegistrationId id, CancellationToken ct)
    {
        var registration = await session.LoadAsync<CommercialRegistration>(id.Value, ct) ?? throw Refuse.NotFound();
        var isOthers = registration.UserId is { } owner && callers.Current is { Kind: CallerKind.ConsoleUser } caller && caller.Id != owner;
        return isOthers ? throw Refuse.NotFound() : registration;
    }

    /// <summary>How it looks now.</summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public async Task<RegistrationView> ViewAsync(RegistrationId id, CancellationToken ct) => await ViewAsync(await RequireAsync(id, ct), ct);

    /// <summary>The registrations of a console user; an account comes from one registration, so there is one at most.</summary>
    public Task<IReadOnlyList<CommercialRegistration>> OfUserAsync(string userId, CancellationToken ct) =>
        session.Query<CommercialRegistration>().Where(registration => registration.UserId == userId).ToListAsync(ct);

    /// <summary>How it looks now.</summary>
    public async Task<RegistrationView> ViewAsync(CommercialRegistration registration, CancellationToken ct)
    {
        var code = registration.State is RegistrationState.Started
            ? await tables.EmailCodeAsync(registration.RegistrationId, ct)
            : null;
        var account = registration.Activated is { BillingAccountId: var accountId }
            ? await tables.BillingAccountAsync(accountId, ct)
            : null;
        return RegistrationView.Of(registration, code, account, clock.GetUtcNow());
    }
}
