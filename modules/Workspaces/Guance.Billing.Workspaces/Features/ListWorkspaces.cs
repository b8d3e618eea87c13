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

internal sealed class ListWorkspacesHandler(IQuerySession session, WorkspaceViews views) : IQueryHandler<ListWorkspaces, Page<WorkspaceView>>
{
    private const int LimitMax = 200;

    public async Task<Page<WorkspaceView>> Handle(ListWorkspaces request, CancellationToken cancellationToken)
    {
        if (request.Limit is < 1 or > LimitMax)
        {
            throw BillingRefusal.InvalidField("limit", "limit-out-of-range", $"limit is a number from 1 to {LimitMax}.");
        }

        if (request.Cursor is not null && !WorkspaceId.TryParse(request.Cursor, null, out _))
        {
            throw BillingRefusal.InvalidField("cursor", "cursor-unknown", "Send the nextCursor of the page before, or no cursor for the first page.");
        }

        var owner = request.OwnerUserId;
        var after = request.Cursor ?? "";
        var page = await session.Query<Workspace>()
            .Where(workspace => workspace.OwnerUserId == owner && workspace.Id.CompareTo(after) > 0)
            .OrderBy(workspace => workspace.Id)
            .Take(request.Limit + 1)
            .ToListAsync(cancellationToken);
        return new([.. page.Take(request.Limit).Select(views.Of)], page.Count > request.Limit ? page[request.Limit - 1].Id : null);
    }
}

internal static class ListWorkspacesEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces", async (
            IRequestHandler<ListWorkspaces, Page<WorkspaceView>> list, ICallers callers, CancellationToken ct, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(callers.Current.Id, limit, cursor), ct)))
        .ForConsoleUsers()
        .Refuses("limit-out-of-range", "cursor-unknown")
        .WithSummary("Own workspaces");
}
