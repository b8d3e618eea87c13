using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal static class ListWorkspacesEndpoint
{
    private const int LimitDefault = 50;
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces", async (
            ICallers callers, IQuerySession session, Deployment deployment, TimeProvider clock, CancellationToken ct, int limit = LimitDefault, string? cursor = null) =>
        {
            if (limit is < 1 or > LimitMax)
            {
                throw BillingRefusal.InvalidField("limit", "limit-out-of-range", $"limit is a number from 1 to {LimitMax}.");
            }

            if (cursor is not null && !WorkspaceId.TryParse(cursor, null, out _))
            {
                throw BillingRefusal.InvalidField("cursor", "cursor-unknown", "Send the nextCursor of the page before, or no cursor for the first page.");
            }

            var owner = callers.Current.Id;
            var after = cursor ?? "";
            // Ids tell the order, so a page stays where it is however many workspaces come and go.
            var page = await session.Query<Workspace>()
                .Where(workspace => workspace.OwnerUserId == owner && workspace.Id.CompareTo(after) > 0)
                .OrderBy(workspace => workspace.Id)
                .Take(limit + 1)
                .ToListAsync(ct);
            var now = clock.GetUtcNow();
            return TypedResults.Ok(new Page(
                [.. page.Take(limit).Select(workspace => WorkspaceView.Of(workspace, deployment.Site, now))],
                page.Count > limit ? page[limit - 1].Id : null));
        })
        .ForConsoleUsers()
        .Refuses("limit-out-of-range", "cursor-unknown")
        .WithSummary("Own workspaces");

    internal sealed record Page(IReadOnlyList<WorkspaceView> Items, string? NextCursor);
}
