namespace Guance.Billing.Registration.Domain;

/// <summary>Which billing account the workspace will belong to.</summary>
internal enum BillingAccountChoice
{
    /// <summary>One that is opened at activation.</summary>
    New,

    /// <summary>One that the customer has already; it is attached at activation.</summary>
    Existing,
}

/// <summary>The company behind a registration (rules §2, step 2).</summary>
internal sealed record Company(
    string Name, string? Industry, string? Region, string? Introduction, string? ContactName, string? ContactEmail, string? ContactPhone);

/// <summary>What is asked of the Billing Center when a registration is activated, but for secrets.</summary>
/// <param name="WorkspaceId">Follows from the registration's id, so that no retry makes a second workspace.</param>
/// <param name="WorkspaceName">1-256 characters.</param>
/// <param name="WorkspaceLanguage"><c>zh</c> or <c>en</c>.</param>
/// <param name="Method">How the workspace shall be settled.</param>
/// <param name="CloudAccountId">The cloud account's ID, where a cloud account settles.</param>
/// <param name="MethodOfferedAtSite">Whether the site offered the method to everybody when it was asked for.</param>
/// <param name="NewBillingUsername">The username of the billing account to be opened; null when one is attached.</param>
/// <param name="ExistingBillingUsername">The username of the billing account to be attached; null when one is opened.</param>
internal sealed record ActivationRequest(
    WorkspaceId WorkspaceId,
    string WorkspaceName,
    string WorkspaceLanguage,
    SettlementMethod Method,
    string? CloudAccountId,
    bool MethodOfferedAtSite,
    string? NewBillingUsername,
    string? ExistingBillingUsername);

/// <summary>The workspace that an activation makes.</summary>
internal sealed record NewWorkspace(WorkspaceId WorkspaceId, string OwnerUserId, string Name, string Language);

// The facts. None holds a secret: the password's hash and codes live in tables until they have served, and are then deleted.

internal sealed record RegistrationStarted(
    RegistrationId RegistrationId, string Username, string Email, string? Phone, BillingAccountChoice BillingAccount, DateTimeOffset At);

internal sealed record EmailConfirmed(DateTimeOffset At);

/// <param name="Company">The company.</param>
/// <param name="Agreements">The agreements that were accepted, each <c>name@version</c>.</param>
/// <param name="At">When.</param>
internal sealed record CompanyProvided(Company Company, IReadOnlyList<string> Agreements, DateTimeOffset At);

internal sealed record ConsoleAccountCreated(string UserId, DateTimeOffset At);

/// <param name="Attempt">1 for the first time, one more after each refusal.</param>
/// <param name="Request">What was asked.</param>
/// <param name="Agreements">The terms that were accepted, each <c>name@version</c>.</param>
/// <param name="At">When.</param>
internal sealed record ActivationRequested(int Attempt, ActivationRequest Request, IReadOnlyList<string> Agreements, DateTimeOffset At);

/// <param name="Attempt">Which attempt.</param>
/// <param name="Kind">What kind of no, so that it can be told again alike.</param>
/// <param name="Code">The refusal's code.</param>
/// <param name="Message">What to do.</param>
/// <param name="At">When it was noted.</param>
internal sealed record ActivationRefused(int Attempt, RefusalKind Kind, string Code, string Message, DateTimeOffset At);

/// <param name="Workspace">The workspace, as it was asked for.</param>
/// <param name="BillingAccountId">The billing account that it belongs to, as the Billing Center answered.</param>
/// <param name="BillingUsername">That account's username.</param>
/// <param name="Method">How the workspace is settled.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
/// <param name="BoundAt">When the Billing Center bound it.</param>
/// <param name="At">When its answer was noted here.</param>
internal sealed record RegistrationActivated(
    NewWorkspace Workspace,
    BillingAccountId BillingAccountId,
    string BillingUsername,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount,
    DateTimeOffset BoundAt,
    DateTimeOffset At);
