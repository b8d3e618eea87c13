using Guance.Billing.Platform.Writing;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class ListQuarantineHandler(NpgsqlDataSource dataSource, Deployment deployment, Regions regions) : IQueryHandler<ListQuarantine, Page<QuarantineView>>
{
    private const int LimitMax = 500;
    private const char Separator = '\n';

    public async Task<Page<QuarantineView>> Handle(ListQuarantine request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "kinds");
        var kinds = await ReadAsync(dataSource, deployment, regions, request.Site, Cursor(request.Cursor), request.Limit + 1, cancellationToken);
        return new([.. kinds.Take(request.Limit)], kinds.Count > request.Limit ? Cursor(kinds[request.Limit - 1]) : null);
    }

    /// <summary>What was unknown or without a price here and no longer is, is charged by the next bill and so not shown.</summary>
    private static async Task<IReadOnlyList<QuarantineView>> ReadAsync(
        NpgsqlDataSource dataSource, Deployment deployment, Regions regions, SiteCode? site, string[] after, int count, CancellationToken ct)
    {
        await using var read = dataSource.CreateCommand(
            """
            select q.site, q.workspace, q.item, q.code, q.count, q.first_at, q.last_at
            from settlement.usage_quarantine q
            where (@site::text is null or q.site = @site) and (q.site, q.workspace, q.item, q.code) > (@after_site, @after_workspace, @after_item, @after_code)
                and not (q.code = @unknown and exists (select from settlement.mt_doc_workspacesettlement d where d.id = q.workspace))
                and not (q.code = @unpriced and exists (
                    select from settlement.price p
                    where p.version = (select max(version) from settlement.price_book_version) and p.item = q.item and p.currency = @currency
                        and p.region = (select r.region from unnest(@sites, @regions) r(site, region) where r.site = q.site)))
            order by q.site, q.workspace, q.item, q.code limit @count
            """);
        read.Parameters.Add(new("site", NpgsqlTypes.NpgsqlDbType.Text) { Value = (object?)site?.Value ?? DBNull.Value });
        read.Parameters.AddWithValue("after_site", after[0]);
        read.Parameters.AddWithValue("after_workspace", after[1]);
        read.Parameters.AddWithValue("after_item", after[2]);
        read.Parameters.AddWithValue("after_code", after[3]);
        read.Parameters.AddWithValue("unknown", QuarantineCodes.UnknownWorkspace);
        read.Parameters.AddWithValue("unpriced", QuarantineCodes.NoPrice);
        read.Parameters.AddWithValue("currency", deployment.Currency.Value);
        read.Parameters.AddWithValue("sites", regions.Sites);
        read.Parameters.AddWithValue("regions", regions.Names);
        read.Parameters.AddWithValue("count", count);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var kinds = new List<QuarantineView>();
        while (await rows.ReadAsync(ct))
        {
            kinds.Add(new(
                SiteCode.Of(rows.GetString(0)), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetInt64(4),
                rows.GetFieldValue<DateTimeOffset>(5), rows.GetFieldValue<DateTimeOffset>(6)));
        }

        return kinds;
    }

    private static string Cursor(QuarantineView last) => Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(string.Join(Separator, last.Site, last.WorkspaceId, last.Item, last.Code)));

    private static string[] Cursor(string? cursor)
    {
        try
        {
            return cursor is null ? ["", "", "", ""]
                : System.Text.Encoding.UTF8.GetString(Convert.FromHexString(cursor)).Split(Separator) is { Length: 4 } after ? after
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
        }
    }
}

internal static class ListQuarantineEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/quarantine", async (
            IRequestHandler<ListQuarantine, Page<QuarantineView>> list, CancellationToken ct, SiteCode? site = null, int limit = 100, string? cursor = null) =>
            TypedResults.Ok(await list.Handle(new(site, limit, cursor), ct)))
        .WithSummary("Usage that was set aside, by site, workspace, item and reason: at the sites, and here").ForClients(Scopes.Operator).Refuses("limit-invalid", "cursor-invalid");
}
