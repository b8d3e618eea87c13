namespace Guance.Billing.Settlement.Contracts;

/// <summary>
/// A fact that the Billing Center decided about one workspace, told to its site. <see cref="IIntegrationEvent.SourceVersion"/> is the
/// version of the workspace's settlement stream: a site applies a fact once, and ignores versions that it has already applied.
/// </summary>
public interface IWorkspaceSettlementFact : ITellsSite
{
    /// <summary>The workspace.</summary>
    WorkspaceId WorkspaceId { get; }
}

/// <summary>The workspace was bound to its billing account, with its first method (the choice at registration).</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's settlement stream.</param>
/// <param name="OccurredAt">Since when.</param>
/// <param name="Site">The workspace's site.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="BillingAccountId">The billing account.</param>
/// <param name="Method">The first method.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
public sealed record WorkspaceBoundIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId,
    BillingAccountId BillingAccountId,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount) : IWorkspaceSettlementFact
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>The workspace is settled by another method from an instant on. Losing the link at a closing is told so, too.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's settlement stream.</param>
/// <param name="OccurredAt">The instant of the cut: what is used from then on is paid by the new method.</param>
/// <param name="Site">The workspace's site.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Method">The method from then on.</param>
/// <param name="CloudAccount">The cloud account that settles it, where one does.</param>
public sealed record WorkspaceSettlementMethodChangedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId,
    SettlementMethod Method,
    CloudAccountKey? CloudAccount) : IWorkspaceSettlementFact
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>A reason to lock the workspace holds from now on.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's settlement stream.</param>
/// <param name="OccurredAt">When the reason began to hold.</param>
/// <param name="Site">The workspace's site.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Reason">The reason.</param>
/// <param name="LockedSince">Since when the workspace is locked: when the present lock began, which lifting one of several reasons leaves alone.</param>
/// <param name="ClosingId">The closing behind the reason <c>subscription-closed</c>, by which the site knows whom its announcement concerns;
/// null for other reasons.</param>
public sealed record WorkspaceLockedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId,
    LockReason Reason,
    DateTimeOffset LockedSince,
    string? ClosingId) : IWorkspaceSettlementFact
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>A reason to lock the workspace no longer holds; when it was the last one, the workspace is unlocked.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's settlement stream.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Site">The workspace's site.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Reason">The reason.</param>
public sealed record WorkspaceLockLiftedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId,
    LockReason Reason) : IWorkspaceSettlementFact
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>The workspace was unlocked by a person: no reason holds any more, and the Billing Center settles it (rules §6).</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the workspace's settlement stream.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Site">The workspace's site.</param>
/// <param name="WorkspaceId">The workspace.</param>
public sealed record WorkspaceUnlockedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    WorkspaceId WorkspaceId) : IWorkspaceSettlementFact
{
    /// <inheritdoc/>
    public string Subject => WorkspaceId.Value;
}

/// <summary>A billing account has its first workspace at the site; the site keeps a replica of it.</summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the account's stream.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Site">The site.</param>
/// <param name="BillingAccountId">The account.</param>
/// <param name="Username">Its username.</param>
/// <param name="CompanyName">Its company.</param>
public sealed record BillingAccountJoinedSiteIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    BillingAccountId BillingAccountId,
    string Username,
    string CompanyName) : ITellsSite
{
    /// <inheritdoc/>
    public string Subject => BillingAccountId.Value;
}

/// <summary>
/// All that a closing means for a site's workspaces has been told to it: this comes after the last of them in the site's feed, and the
/// site answers it with its acknowledgement (rules §5).
/// </summary>
/// <param name="EventId">The id of the domain event behind it.</param>
/// <param name="SourceVersion">The version of the closing's stream.</param>
/// <param name="OccurredAt">When it was told.</param>
/// <param name="Site">The site.</param>
/// <param name="ClosingId">The closing.</param>
/// <param name="Instance">The subscription that was closed.</param>
/// <param name="WorkspaceCount">How many workspaces of the site it concerns.</param>
public sealed record ClosingAnnouncedIntegrationEvent(
    Guid EventId,
    long SourceVersion,
    DateTimeOffset OccurredAt,
    SiteCode Site,
    string ClosingId,
    CloudInstanceKey Instance,
    int WorkspaceCount) : ITellsSite
{
    /// <inheritdoc/>
    public string Subject => ClosingId;
}
