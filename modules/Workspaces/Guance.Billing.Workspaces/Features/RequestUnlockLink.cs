using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal sealed class RequestUnlockLinkHandler(IQuerySession session, IBillingCenter billingCenter, Deployment deployment, TimeProvider clock)
    : IQueryHandler<RequestUnlockLink, OneUseLink>
{
    public async Task<OneUseLink> Handle(RequestUnlockLink request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var workspace = (await session.LoadAsync<Workspace>(request.WorkspaceId.Value, cancellationToken)).OwnedBy(request.OwnerUserId);
        if (AccessDecider.Decide(workspace, now).State is not (WorkspaceState.Locked or WorkspaceState.Expired))
        {
            throw Refuse.NotLocked();
        }

        try
        {
            var link = await billingCenter.AskAsync<CreateUnlockLink, UnlockLink>(new(deployment.Site, request.WorkspaceId, request.By, now), cancellationToken);
            return new(link.Url, link.ExpiresAt);
        }
        catch (PeerUnreachableException)
        {
            throw Refuse.BillingCenterUnreachable();
        }
    }
}

internal static class RequestUnlockLinkEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/workspaces/{id}/unlock-link", async (
            WorkspaceId id, IRequestHandler<RequestUnlockLink, OneUseLink> request, ICallers callers, CancellationToken ct) =>
            TypedResults.Ok(await request.Handle(new(id, callers.Current.Id, callers.Current.By), ct)))
        .ForConsoleUsers()
        .Refuses("workspace-not-found", "not-locked", "billing-center-unreachable")
        .WithSummary("A one-use link by which the owner unlocks the workspace at the Billing Center");
}
