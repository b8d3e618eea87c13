using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Sites;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetWorkspaceHandler(IQuerySession session, IFeeds feeds, Deployment deployment, TimeProvider clock) : IQueryHandler<GetWorkspace, WorkspaceView>
{
    public async Task<WorkspaceView> Handle(GetWorkspace request, CancellationToken cancellationToken)
    {
        var workspace = await session.GetWorkspaceAsync(request.WorkspaceId, request.OnlyAccount, cancellationToken);
        return workspace.ViewAt(clock.GetUtcNow(), await feeds.LastToldAsync([workspace.Id], cancellationToken), deployment);
    }
}

internal static class GetWorkspaceEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}", async (WorkspaceId id, IRequestHandler<GetWorkspace, WorkspaceView> get, ICallers callers, HttpResponse response, CancellationToken ct) =>
        {
            var workspace = await get.Handle(new(id, callers.Current.OnlyAccount()), ct);
            response.Headers.ETag = $"\"{workspace.Version}\"";
            return TypedResults.Ok(workspace);
        })
        .WithSummary("A workspace's settlement and lock; the ETag is its version")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("workspace-unknown");
}
