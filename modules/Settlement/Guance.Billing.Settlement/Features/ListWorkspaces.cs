using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Sites;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

/// <summary>Workspace Management: paged by the last id seen, so that every page costs the same.</summary>
internal static class ListWorkspacesEndpoint
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/workspaces", async (
            IQuerySession session, IFeeds feeds, ICallers callers, Deployment deployment, TimeProvider clock, CancellationToken ct,
            SiteCode? site = null, string? state = null, SettlementMethod? method = null, string? q = null, int limit = 50, string? cursor = null) =>
        {
            PageSize.Check(limit, LimitMax, "workspaces");

            if (cursor is not null && !Ids.TryParse<WorkspaceId>(cursor, out _))
            {
                throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
            }

            var now = clock.GetUtcNow();
            var found = await FindAsync(session, callers.Current.OnlyAccount(), site, state, method, q, cursor, limit + 1, now, ct);
            var page = found.Take(limit).ToArray();
            var told = page.Length == 0 ? new Dictionary<string, LastTold>() : await feeds.LastToldAsync([.. page.Select(w => w.Id)], ct);
            return TypedResults.Ok(new Page<WorkspaceView>(
                [.. page.Select(w => WorkspaceView.Of(w, told, deployment, now))], found.Count > limit ? page[^1].Id : null));
        })
        .WithSummary("Workspaces of the billing account, all sites; clients see all accounts'")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("limit-invalid", "cursor-invalid", "state-invalid");

    private static Task<IReadOnlyList<WorkspaceSettlement>> FindAsync(
        IQuerySession session, BillingAccountId? account, SiteCode? site, string? state, SettlementMethod? method, string? q, string? cursor, int count, DateTimeOffset now, CancellationToken ct)
    {
        var conditions = new List<string> { "id > ?" };
        var values = new List<object> { cursor ?? "" };
        Where(account?.Value, "account_key = ?");
        Where(site?.Value, "data ->> 'siteKey' = ?");
        Where(method?.Value, "data ->> 'methodKey' = ?");
        Where(string.IsNullOrWhiteSpace(q) ? null : Pattern(q.Trim()), "(data ->> 'name') || ' ' || id ilike ?");
        var expiredBefore = now - LockBuffer.Length;
        switch (state)
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

        return session.QueryAsync<WorkspaceSettlement>($"where {string.Join(" and ", conditions)} order by id limit {count}", ct, [.. values]);

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
