using Guance.Billing.Platform;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Sites;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>A workspace's lock, as shown (surface).</summary>
internal sealed record LockView(LockState State, IReadOnlyList<LockReason> Reasons, DateTimeOffset? Since, DateTimeOffset? BufferEndsAt)
{
    public static LockView Of(WorkspaceSettlement workspace, DateTimeOffset now) =>
        new(workspace.LockAt(now), workspace.Reasons, workspace.LockedSince, workspace.BufferEndsAt);
}

/// <summary>Up to where the site has applied what was decided here.</summary>
internal sealed record AppliedAtSite(long Position, DateTimeOffset At);

/// <summary>A workspace in Workspace Management.</summary>
/// <param name="AppliedAtSite">Null while the site has not applied the latest fact.</param>
internal sealed record WorkspaceView(
    string Id,
    string Name,
    string Language,
    SiteCode Site,
    BillingAccountId BillingAccountId,
    SettlementMethod SettlementMethod,
    string? CloudAccountId,
    string? ProductInstanceId,
    DateTimeOffset SettledSince,
    LockView Lock,
    DateTimeOffset BoundAt,
    DateTimeOffset? NextChangeAt,
    AppliedAtSite? AppliedAtSite,
    int Version)
{
    public static WorkspaceView Of(WorkspaceSettlement workspace, IReadOnlyDictionary<string, LastTold> told, Deployment deployment, DateTimeOffset now) => new(
        workspace.Id,
        workspace.Name,
        workspace.Language,
        workspace.Site,
        workspace.Account,
        workspace.Method,
        workspace.Cloud?.AccountId,
        workspace.Cloud?.InstanceId,
        workspace.MethodSince,
        LockView.Of(workspace, now),
        workspace.BoundAt,
        WorkspaceSettlementDecider.NextChangeAt(workspace, deployment.TimeZone) is { } next && next > now ? next : null,
        told.GetValueOrDefault(workspace.Id) is { AcknowledgedAt: { } at } last && last.SourceVersion == workspace.VersionForSite ? new(last.Position, at) : null,
        workspace.Version);
}

/// <summary>What a workspace is after a command.</summary>
internal sealed record WorkspaceChanged(
    string Id, SettlementMethod SettlementMethod, string? CloudAccountId, string? ProductInstanceId, LockView Lock, int Version)
{
    public static WorkspaceChanged From(WorkspaceSettlement workspace, int version, DateTimeOffset now) =>
        new(workspace.Id, workspace.Method, workspace.Cloud?.AccountId, workspace.Cloud?.InstanceId, LockView.Of(workspace, now), version);
}

/// <summary>A page of a list.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);
