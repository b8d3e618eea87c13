using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Sites;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class ListWorkspacesHandler(IQuerySession session, IFeeds feeds, Deployment deployment, TimeProvider clock) : IQueryHandler<ListWorkspaces, Page<WorkspaceView>>
{
    private const int LimitMax = 200;

    public async Task<Page<WorkspaceView>> Handle(ListWorkspaces request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "workspaces");
        if (request.Cursor is not null && !Ids.TryParse<WorkspaceId>(request.Cursor, out _))
        {
            throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
        }

        var now = clock.GetUtcNow();
        var found = await FindAsync(request, now, cancellationToken);
        var page = found.Take(request.Limit).ToArray();
        var told = page.Length == 0 ? new Dictionary<string, LastTold>() : await feeds.LastToldAsync([.. page.Select(w => w.Id)], cancellationToken);
        return new([.. page.Select(w => w.ViewAt(now, told, deployment))], found.Count > request.Limit ? page[^1].Id : null);
    }

    private Task<IReadOnlyList<WorkspaceSettlement>> FindAsync(ListWorkspaces asked, DateTimeOffset now, CancellationToken ct)
    {
        var conditions = new List<string> { "id > ?" };
        var values = new List<object> { asked.Cursor ?? "" };
        Where(asked.Account?.Value, "account_key = ?");
        Where(asked.Site?.Value, "data ->> 'siteKey' = ?");
        Where(asked.Method?.Value, "data ->> 'methodKey' = ?");
        Where(string.IsNullOrWhiteSpace(asked.Text) ? null : Pattern(asked.Text.Trim()), "(data ->> 'name') || ' ' || id ilike ?");
        var expiredBefore = now - LockBuffer.Length;
        switch (asked.State)
        {
            case null or "":
                break;
            case "normal":
                conditions.Add("data ->> 'dissolvedAt' is null and data ->> 'lockedSince' is null");
                break;
            case "locked":
                Where(expiredBefore, "data ->> 'dissolvedAt' is null and (data ->> 'lockedSince')::timestamptz > ?");
                break;
            case "expired":
                Where(expiredBefore, "data ->> 'dissolvedAt' is null and (data ->> 'lockedSince')::timestamptz <= ?");
                break;
            case "dissolved":
                conditions.Add("data ->> 'dissolvedAt' is not null");
                break;
            default:
                throw BillingRefusal.InvalidField("state", "state-invalid", "The state is 'normal', 'locked', 'expired' or 'dissolved'.");
        }

        return session.QueryAsync<WorkspaceSettlement>($"where {string.Join(" and ", conditions)} order by id limit {asked.Limit + 1}", ct, [.. values]);

        void Where(object? value, string condition)
        {
            if (value is not null)
            {
                conditions.Add(condition);
                values.Add(value);
            }
        }
    }

    private static string Pattern(string text) =>
        $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}

internal static class ListWorkspacesEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces", async (
            IRequestHandler<ListWorkspaces, Page<WorkspaceView>> list, ICallers callers, CancellationToken ct,
            SiteCode? site = null, string? state = null, SettlementMethod? method = null, string? q = null, int limit = 50, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(callers.Current.OnlyAccount(), site, state, method, q, limit, cursor), ct)))
        .WithSummary("Workspaces of the billing account, all sites; clients see all accounts'")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "cursor-invalid", "state-invalid");
}
