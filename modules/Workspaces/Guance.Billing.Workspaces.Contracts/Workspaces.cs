namespace Guance.Billing.Workspaces.Contracts;

/// <summary>Create the workspace of a completed activation. Sent again, it changes nothing.</summary>
/// <param name="WorkspaceId">Its id, decided when activation was asked for.</param>
/// <param name="OwnerUserId">The console account that owns it.</param>
/// <param name="Name">1-256 characters.</param>
/// <param name="Language"><c>zh</c> or <c>en</c>.</param>
/// <param name="BillingAccountId">The billing account that it belongs to.</param>
/// <param name="Method">How it is settled at first.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
/// <param name="CreatedAt">When the activation was completed.</param>
public sealed record CreateWorkspace(
    WorkspaceId WorkspaceId,
    string OwnerUserId,
    string Name,
    string Language,
    BillingAccountId BillingAccountId,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount,
    DateTimeOffset CreatedAt) : ICommand;

/// <summary>The buffer after a lock has ended: full lock, ingestion has stopped, the data is to be wiped (rules §6).</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's stream at its site.</param>
/// <param name="OccurredAt">When the buffer ended.</param>
/// <param name="Site">The site.</param>
/// <param name="WorkspaceId">The workspace.</param>
public sealed record WorkspaceExpiredIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId) : ITellsBillingCenter
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>Its owner dissolved the workspace; there is no way back (rules §6).</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's stream at its site.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Site">The site.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="By">Who: <c>user:NAME</c>.</param>
public sealed record WorkspaceDissolvedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId,
    string By) : ITellsBillingCenter
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>The site has applied all that a closing meant for its workspaces: its acknowledgement (rules §5).</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the closing's stream at the site.</param>
/// <param name="OccurredAt">When it was applied.</param>
/// <param name="Site">The site.</param>
/// <param name="ClosingId">The closing, as announced.</param>
/// <param name="WorkspaceCount">How many workspaces were announced to it.</param>
public sealed record ClosingAppliedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    string ClosingId,
    int WorkspaceCount) : ITellsBillingCenter
{
    /// <inheritdoc/>
    public string Subject => ClosingId;
}
