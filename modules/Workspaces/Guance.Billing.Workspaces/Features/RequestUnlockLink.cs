using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal static class RequestUnlockLinkEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/workspaces/{id}/unlock-link", async (
            WorkspaceId id, ICallers callers, IQuerySession session, IBillingCenter billingCenter, Deployment deployment, TimeProvider clock, CancellationToken ct) =>
        {
            var caller = callers.Current;
            var now = clock.GetUtcNow();
            var workspace = (await session.LoadAsync<Workspace>(id.Value, ct)).OwnedBy(caller.Id);
            if (WorkspaceAccess.Decide(workspace, now).State is not (WorkspaceState.Locked or WorkspaceState.Expired))
            {
                throw Refuse.NotLocked();
            }

            try
            {
                return TypedResults.Ok(await billingCenter.AskAsync<CreateUnlockLink, UnlockLink>(new(deployment.Site, id, caller.By, now), ct));
            }
            catch (PeerUnreachableException)
            {
                throw Refuse.BillingCenterUnreachable();
            }
        })
        .ForConsoleUsers()
        .Refuses("workspace-not-found", "not-locked", "billing-center-unreachable")
        .WithSummary("A one-use link by which the owner unlocks the workspace at the Billing Center");
}
