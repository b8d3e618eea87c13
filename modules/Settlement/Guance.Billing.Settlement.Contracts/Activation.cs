namespace Guance.Billing.Settlement.Contracts;

/// <summary>Whether a username is taken in the Billing Center, whatever its case (rules §2, step 1).</summary>
/// <param name="Site">The site that asks.</param>
/// <param name="Username">2-64 characters.</param>
public sealed record CheckBillingUsername(SiteCode Site, string Username)
    : IQuery<BillingUsernameAvailability>, IAsk<BillingUsernameAvailability>, IAskedBySite
{
    /// <inheritdoc/>
    public static string AskName => "check-billing-username";
}

/// <summary>Whether a username can still be taken.</summary>
/// <param name="Taken">A billing account has it.</param>
public sealed record BillingUsernameAvailability(bool Taken);

/// <summary>
/// Mail a code to the address of an existing billing account, so that a registration can attach it (rules §2, step 3). A username that
/// does not exist is answered alike and gets no mail, so that usernames cannot be found out. A new code replaces the one before; at
/// most one a minute is mailed, further requests are answered alike.
/// </summary>
/// <param name="Site">The site that asks.</param>
/// <param name="RegistrationId">The registration that wants to attach the account; the code works for it alone.</param>
/// <param name="BillingUsername">The account's username.</param>
/// <param name="RequestedAt">When the user asked; the same request delivered again mails nothing more.</param>
public sealed record SendBillingAccountCode(
    SiteCode Site, RegistrationId RegistrationId, string BillingUsername, DateTimeOffset RequestedAt)
    : ICommand<BillingAccountCodeSent>, IAsk<BillingAccountCodeSent>, IAskedBySite
{
    /// <inheritdoc/>
    public static string AskName => "send-billing-account-code";
}

/// <summary>The code is on its way, if the account exists.</summary>
/// <param name="ExpiresAt">Until when a code mailed now can be used: ten minutes.</param>
public sealed record BillingAccountCodeSent(DateTimeOffset ExpiresAt);

/// <summary>A billing account to be opened at activation.</summary>
/// <param name="Username">2-64 characters, unique in the Billing Center whatever its case.</param>
/// <param name="PasswordHash">The hash of the initial password in ASP.NET Identity's format; the password itself never leaves the site.</param>
/// <param name="Email">The confirmed mail address.</param>
/// <param name="Phone">E.164, optional.</param>
/// <param name="CompanyName">The company.</param>
public sealed record NewBillingAccount(string Username, string PasswordHash, string Email, string? Phone, string CompanyName);

/// <summary>An existing billing account to be attached at activation.</summary>
/// <param name="Username">Its username.</param>
/// <param name="Code">The code that was mailed to its address for this registration.</param>
public sealed record ExistingBillingAccount(string Username, string Code);

/// <summary>
/// Bind a new workspace of a site to a billing account and settle it by the chosen method (rules §2, step 3): opens or attaches the
/// account, claims the cloud account if one is named, all in one transaction. Asked again for the same workspace it gives the first
/// answer.
/// </summary>
/// <remarks>
/// Refusals: <c>username-taken</c>, <c>billing-code-wrong</c>, <c>billing-code-expired</c>, <c>method-not-offered</c>,
/// <c>cloud-account-unknown</c> (no open subscription; <c>marketUrl</c> says where to buy), <c>cloud-account-claimed</c>,
/// <c>account-in-arrears</c> (an attached account that shall settle owes money: recharge it first).
/// </remarks>
/// <param name="Site">The site.</param>
/// <param name="RegistrationId">The registration.</param>
/// <param name="WorkspaceId">The workspace's id, decided when activation was asked for.</param>
/// <param name="WorkspaceName">1-256 characters.</param>
/// <param name="WorkspaceLanguage"><c>zh</c> or <c>en</c>.</param>
/// <param name="Method">The chosen method.</param>
/// <param name="CloudAccountId">The cloud account's ID; needed by a cloud method, null otherwise.</param>
/// <param name="MethodOfferedAtSite">Whether the site offers the method to everybody; if not, the account needs the staff flag
/// arbitrary settlement selection.</param>
/// <param name="NewAccount">The account to open; exactly one of this and <paramref name="ExistingAccount"/> is given.</param>
/// <param name="ExistingAccount">The account to attach.</param>
public sealed record ActivateWorkspace(
    SiteCode Site,
    RegistrationId RegistrationId,
    WorkspaceId WorkspaceId,
    string WorkspaceName,
    string WorkspaceLanguage,
    SettlementMethod Method,
    string? CloudAccountId,
    bool MethodOfferedAtSite,
    NewBillingAccount? NewAccount,
    ExistingBillingAccount? ExistingAccount)
    : ICommand<WorkspaceActivation>, IAsk<WorkspaceActivation>, IAskedBySite
{
    /// <inheritdoc/>
    public static string AskName => "activate-workspace";
}

/// <summary>The workspace is bound and settled.</summary>
/// <param name="BillingAccountId">The account that it belongs to.</param>
/// <param name="BillingUsername">The account's username.</param>
/// <param name="Method">How it is settled.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
/// <param name="ActivatedAt">Since when.</param>
public sealed record WorkspaceActivation(
    BillingAccountId BillingAccountId,
    string BillingUsername,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount,
    DateTimeOffset ActivatedAt);

/// <summary>
/// A short-lived one-use link by which the owner of a locked workspace unlocks it without signing in to the Billing Center (rules §6).
/// </summary>
/// <param name="Site">The site that asks.</param>
/// <param name="WorkspaceId">The locked workspace.</param>
/// <param name="RequestedBy">The console user, <c>user:NAME</c>, for the workspace's history.</param>
/// <param name="RequestedAt">When the owner asked.</param>
public sealed record CreateUnlockLink(SiteCode Site, WorkspaceId WorkspaceId, string RequestedBy, DateTimeOffset RequestedAt)
    : ICommand<UnlockLink>, IAsk<UnlockLink>, IAskedBySite
{
    /// <inheritdoc/>
    public static string AskName => "create-unlock-link";
}

/// <summary>A one-use link.</summary>
/// <param name="Url">At the Billing Center; opening it shows what unlocking means, confirming it unlocks.</param>
/// <param name="ExpiresAt">Until when it works: ten minutes.</param>
public sealed record UnlockLink(string Url, DateTimeOffset ExpiresAt);
