using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Sites;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class GetWorkspaceEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}", async (
            WorkspaceId id, IQuerySession session, IFeeds feeds, ICallers callers, Deployment deployment, TimeProvider clock, HttpResponse response, CancellationToken ct) =>
        {
            var workspace = await session.GetWorkspaceAsync(id, callers.Current.OnlyAccount(), ct);
            var told = await feeds.LastToldAsync([id.Value], ct);
            response.Headers.ETag = $"\"{workspace.Version}\"";
            return TypedResults.Ok(workspace.ViewAt(clock.GetUtcNow(), told, deployment));
        })
        .WithSummary("A workspace's settlement and lock; the ETag is its version")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("workspace-unknown");
}
