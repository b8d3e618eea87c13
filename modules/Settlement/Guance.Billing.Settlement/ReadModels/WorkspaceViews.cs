using Guance.Billing.Platform;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Sites;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>What is shown of workspaces.</summary>
internal static class WorkspaceViews
{
    public static LockView LockViewAt(this WorkspaceSettlement workspace, DateTimeOffset now) =>
        new(workspace.LockAt(now), workspace.Reasons, workspace.LockedSince, workspace.BufferEndsAt);

    public static WorkspaceView ViewAt(this WorkspaceSettlement workspace, DateTimeOffset now, IReadOnlyDictionary<string, LastTold> told, Deployment deployment) => new(
        workspace.Id,
        workspace.Name,
        workspace.Language,
        workspace.Site,
        workspace.Account,
        workspace.Method,
        workspace.Cloud?.AccountId,
        workspace.Cloud?.InstanceId,
        workspace.MethodSince,
        workspace.LockViewAt(now),
        workspace.BoundAt,
        WorkspaceSettlementDecider.NextChangeAt(workspace, deployment.TimeZone) is { } next && next > now ? next : null,
        told.GetValueOrDefault(workspace.Id) is { AcknowledgedAt: { } at } last && last.SourceVersion == workspace.VersionForSite ? new(last.Position, at) : null,
        workspace.Version);

    public static WorkspaceChanged ChangedTo(this WorkspaceSettlement workspace, int version, DateTimeOffset now) =>
        new(workspace.Id, workspace.Method, workspace.Cloud?.AccountId, workspace.Cloud?.InstanceId, workspace.LockViewAt(now), version);
}
