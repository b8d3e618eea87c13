using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetWorkspaceHistoryHandler(IQuerySession session) : IQueryHandler<GetWorkspaceHistory, Page<HistoryFact>>
{
    public async Task<Page<HistoryFact>> Handle(GetWorkspaceHistory request, CancellationToken cancellationToken)
    {
        await session.GetWorkspaceAsync(request.WorkspaceId, request.OnlyAccount, cancellationToken);
        var events = await session.Events.FetchStreamAsync(request.WorkspaceId.Value, token: cancellationToken);
        return new([.. events.Select(e => Fact(e.Data))], null);
    }

    private static HistoryFact Fact(object e) => e switch
    {
        WorkspaceBound bound => new(bound.At, "bound", "user", Details(
            ("site", bound.Site), ("billingAccountId", bound.Account), ("registrationId", bound.Registration), ("method", bound.Method),
            ("cloudAccountId", bound.Cloud?.AccountId), ("productInstanceId", bound.Cloud?.InstanceId))),
        WorkspaceMethodChanged changed => new(changed.At, "method-changed", changed.By, Details(
            ("from", changed.From), ("to", changed.To), ("cloudAccountId", changed.Cloud?.AccountId), ("productInstanceId", changed.Cloud?.InstanceId),
            ("cause", changed.Cause))),
        WorkspaceLocked locked => new(locked.At, "locked", locked.By, Details(("reason", locked.Reason), ("lockedSince", locked.LockedSince), ("note", locked.Note))),
        WorkspaceLockLifted lifted => new(lifted.At, "lock-lifted", lifted.By, Details(("reason", lifted.Reason), ("note", lifted.Note))),
        WorkspaceUnlocked unlocked => new(unlocked.At, "unlocked", unlocked.By, Details(("note", unlocked.Note))),
        WorkspaceExpired expired => new(expired.At, "expired", $"site:{expired.Site}", Details()),
        WorkspaceDissolved dissolved => new(dissolved.At, "dissolved", dissolved.By, Details()),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not a fact of a workspace."),
    };

    private static Dictionary<string, object?> Details(params (string Name, object? Value)[] details) =>
        details.ToDictionary(detail => detail.Name, detail => detail.Value, StringComparer.Ordinal);
}

internal static class GetWorkspaceHistoryEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}/history", async (WorkspaceId id, IRequestHandler<GetWorkspaceHistory, Page<HistoryFact>> history, ICallers callers, CancellationToken ct) =>
            TypedResults.Ok(await history.Handle(new(id, callers.Current.OnlyAccount()), ct)))
        .WithSummary("Every fact of a workspace, oldest first")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("workspace-unknown");
}
