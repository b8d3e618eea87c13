namespace Guance.Billing.Registration.Contracts;

/// <summary>
/// The Billing Center has answered an activation: the workspace is bound to its billing account. The workspace itself is created at
/// the site from this.
/// </summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the registration's stream.</param>
/// <param name="OccurredAt">When the activation was completed.</param>
/// <param name="RegistrationId">The registration.</param>
/// <param name="WorkspaceId">The workspace's id, decided when activation was asked for.</param>
/// <param name="OwnerUserId">The console account that owns it.</param>
/// <param name="Name">The workspace's name, 1-256 characters.</param>
/// <param name="Language"><c>zh</c> or <c>en</c>.</param>
/// <param name="BillingAccountId">The billing account that it belongs to.</param>
/// <param name="Method">How it is settled.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
public sealed record RegistrationActivatedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    RegistrationId RegistrationId,
    WorkspaceId WorkspaceId,
    string OwnerUserId,
    string Name,
    string Language,
    BillingAccountId BillingAccountId,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount) : IIntegrationEvent;

/// <summary>How console users of this site can be reached; unknown ids are left out.</summary>
/// <param name="UserIds">Ids of console accounts, at most 1,000.</param>
public sealed record GetConsoleUserContacts(IReadOnlyList<string> UserIds) : IQuery<IReadOnlyList<ConsoleUserContact>>;

/// <summary>How one console user can be reached.</summary>
/// <param name="UserId">The console account.</param>
/// <param name="Username">Its username.</param>
/// <param name="Email">Its confirmed mail address.</param>
public sealed record ConsoleUserContact(string UserId, string Username, string Email);
