using Guance.Billing.Platform.Access;
using Guance.Billing.Workspaces.Domain;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal static class GetWorkspaceAccessEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}/access", async (WorkspaceId id, IQuerySession session, TimeProvider clock, CancellationToken ct) =>
            await session.LoadAsync<Workspace>(id.Value, ct) is { IsCreated: true } workspace
                ? TypedResults.Ok(WorkspaceAccess.Decide(workspace, clock.GetUtcNow()))
                : throw BillingRefusal.NotFound("workspace-not-found", "There is no such workspace at this site."))
        .ForClients(Scopes.AccessRead)
        .Refuses("workspace-not-found")
        .WithSummary("What a workspace may do now, why, and until when; decided at the site alone");
}
