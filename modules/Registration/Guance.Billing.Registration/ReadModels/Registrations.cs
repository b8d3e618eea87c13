using System.Diagnostics.CodeAnalysis;
using Guance.Billing.Platform.Access;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Tables;
using Marten;

namespace Guance.Billing.Registration.ReadModels;

/// <summary>Makes views of what is kept.</summary>
internal static class Views
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
        code is null
            ? null
            : new(code.SentAt, code.SentAt + EmailCodeRules.Lifetime, code.TriesLeft, EmailCodeRules.SecondsUntilResend(code.SentAt, now)),
        registration.Company is { } company
            ? new(company.Name, company.Industry, company.Region, company.Introduction, company.ContactName, company.ContactEmail, company.ContactPhone)
            : null,
        registration is { Activation: { } asked, ActivationRequestedAt: { } at }
            ? new(
                registration.Attempt, asked.Method, asked.WorkspaceName, asked.WorkspaceLanguage, asked.CloudAccountId, asked.ExistingBillingUsername,
                asked.NewBillingUsername, at)
            : null,
        registration.Problem is { } problem ? new(problem.Code, problem.Message, problem.At) : null,
        registration.Activated?.Workspace.WorkspaceId,
        registration.Activated?.BillingAccountId,
        registration.Activated?.BillingUsername,
        account is null ? null : Of(account));

    public static BillingAccountView Of(BillingAccountRow row) => new(BillingAccountId.Of(row.Id), row.Username, row.CompanyName);
}

internal static class Ownership
{
    /// <summary>
    /// The registration with an id, which is a capability: who has not signed in may use it. Once its console account exists, it is not there
    /// for another console user.
    /// </summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public static CommercialRegistration SeenBy([NotNull] this CommercialRegistration? registration, string? userId) =>
        registration is null || (registration.UserId is { } owner && userId is not null && userId != owner) ? throw Refuse.NotFound() : registration;

    /// <summary>The console user who calls; null for somebody who has not signed in.</summary>
    public static string? ConsoleUserId(this ICallers callers) => callers.Current is { Kind: CallerKind.ConsoleUser, Id: var id } ? id : null;
}

/// <summary>Reads registrations.</summary>
internal sealed class Registrations(IQuerySession session, RegistrationDbContext tables, TimeProvider clock)
{
    /// <summary>The registration, if this user may see it.</summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public async Task<CommercialRegistration> RequireAsync(RegistrationId id, string? userId, CancellationToken ct) =>
        (await session.LoadAsync<CommercialRegistration>(id.Value, ct)).SeenBy(userId);

    /// <summary>How it looks now.</summary>
    /// <exception cref="BillingRefusal"><c>registration-not-found</c>.</exception>
    public async Task<RegistrationView> ViewAsync(RegistrationId id, string? userId, CancellationToken ct) =>
        await ViewAsync(await RequireAsync(id, userId, ct), ct);

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
        return Views.Of(registration, code, account, clock.GetUtcNow());
    }
}
