using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal sealed class GetWorkspaceAccessHandler(IQuerySession session, TimeProvider clock) : IQueryHandler<GetWorkspaceAccess, WorkspaceAccess>
{
    public async Task<WorkspaceAccess> Handle(GetWorkspaceAccess request, CancellationToken cancellationToken) =>
        AccessDecider.Decide((await session.LoadAsync<Workspace>(request.WorkspaceId.Value, cancellationToken)).SeenBy(request.OwnerUserId), clock.GetUtcNow());
}

internal static class GetWorkspaceAccessEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}/access", async (WorkspaceId id, IRequestHandler<GetWorkspaceAccess, WorkspaceAccess> get, CancellationToken ct) =>
            TypedResults.Ok(await get.Handle(new(id, OwnerUserId: null), ct)))
        .ForClients(Scopes.AccessRead)
        .Refuses("workspace-not-found")
        .WithSummary("What a workspace may do now, why, and until when; decided at the site alone");
}
