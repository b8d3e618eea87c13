using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal static class GetWorkspaceEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}", async (
            WorkspaceId id, ICallers callers, IQuerySession session, Deployment deployment, TimeProvider clock, CancellationToken ct) =>
        {
            var workspace = await session.LoadAsync<Workspace>(id.Value, ct);
            return TypedResults.Ok(WorkspaceView.Of(workspace.OwnedBy(callers.Current.Id), deployment.Site, clock.GetUtcNow()));
        })
        .ForConsoleUsers()
        .Refuses("workspace-not-found")
        .WithSummary("An own workspace: how it is settled, whether it is locked and until when");
}
