using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.ReadModels;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal sealed class GetWorkspaceHandler(WorkspaceViews views) : IQueryHandler<GetWorkspace, WorkspaceView>
{
    public Task<WorkspaceView> Handle(GetWorkspace request, CancellationToken cancellationToken) =>
        views.OfAsync(request.WorkspaceId, request.OwnerUserId, cancellationToken);
}

internal static class GetWorkspaceEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces/{id}", async (WorkspaceId id, IRequestHandler<GetWorkspace, WorkspaceView> get, ICallers callers, CancellationToken ct) =>
            TypedResults.Ok(await get.Handle(new(id, callers.Current.Id), ct)))
        .ForConsoleUsers()
        .Refuses("workspace-not-found")
        .WithSummary("An own workspace: how it is settled, whether it is locked and until when");
}
