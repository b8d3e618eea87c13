using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class UnlockWorkspaceHandler(IDocumentSession session, CloudSubscriptions subscriptions, Wallets wallets, TimeProvider clock)
    : ICommandHandler<UnlockWorkspace, WorkspaceChanged>
{
    public async Task<WorkspaceChanged> Handle(UnlockWorkspace request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (stream, state) = await session.FetchWorkspaceAsync(request.WorkspaceId, request.OnlyAccount, cancellationToken);
        var (current, caughtUp) = await subscriptions.CatchUpAsync(state, now, cancellationToken);
        var inArrears = await wallets.IsInArrearsAsync(state.Account, cancellationToken);
        var events = WorkspaceSettlementDecider.Unlock(current, inArrears, request.By, now);
        stream.AppendMany(caughtUp);
        stream.AppendMany(events);
        return WorkspaceSettlementDecider.After(current, events).ChangedTo(state.Version + caughtUp.Count + events.Count, now);
    }
}

internal static class UnlockWorkspaceEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/workspaces/{id}/unlock", async (WorkspaceId id, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(new UnlockWorkspace(id, callers.Current.OnlyAccount(), callers.Current.By), ct)))
        .WithSummary("Unlock a workspace; the Billing Center settles it afterwards")
        .ForBillingUsers(Scopes.BillingWrite)
        .Idempotent()
        .Refuses("workspace-unknown", "workspace-dissolved", "operator-lock-holds", "account-in-arrears");
}
