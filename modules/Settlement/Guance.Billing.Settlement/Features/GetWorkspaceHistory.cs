using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

/// <summary>A fact of a workspace's history, in words for people.</summary>
internal sealed record HistoryFact(DateTimeOffset At, string What, string By, object Details)
{
    public static HistoryFact Of(object e) => e switch
    {
        WorkspaceBound bound => new(bound.At, "bound", "user", new
        {
            site = bound.Site,
            billingAccountId = bound.Account,
            registrationId = bound.Registration,
            method = bound.Method,
            cloudAccountId = bound.Cloud?.AccountId,
            productInstanceId = bound.Cloud?.InstanceId,
        }),
        WorkspaceMethodChanged changed => new(changed.At, "method-changed", changed.By, new
        {
            from = changed.From,
            to = changed.To,
            cloudAccountId = changed.Cloud?.AccountId,
            productInstanceId = changed.Cloud?.InstanceId,
            cause = changed.Cause,
        }),
        WorkspaceLocked locked => new(locked.At, "locked", locked.By, new { reason = locked.Reason, lockedSince = locked.LockedSince, note = locked.Note }),
        WorkspaceLockLifted lifted => new(lifted.At, "lock-lifted", lifted.By, new { reason = lifted.Reason, note = lifted.Note }),
        WorkspaceUnlocked unlocked => new(unlocked.At, "unlocked", unlocked.By, new { note = unlocked.Note }),
        WorkspaceExpired expired => new(expired.At, "expired", $"site:{expired.Site}", new { }),
        WorkspaceDissolved dissolved => new(dissolved.At, "dissolved", dissolved.By, new { }),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not a fact of a workspace."),
    };
}

internal static class GetWorkspaceHistoryEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}/history", async (WorkspaceId id, IQuerySession session, ICallers callers, CancellationToken ct) =>
        {
            await session.GetWorkspaceAsync(id, callers.Current.OnlyAccount(), ct);
            var events = await session.Events.FetchStreamAsync(id.Value, token: ct);
            return TypedResults.Ok(new Page<HistoryFact>([.. events.Select(e => HistoryFact.Of(e.Data))], null));
        })
        .WithSummary("Every fact of a workspace, oldest first")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("workspace-unknown");
}
