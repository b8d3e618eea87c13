using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

/// <summary>A version of the price book.</summary>
internal sealed record PriceBookView(int Version, DateTimeOffset PublishedAt, string PublishedBy, IReadOnlyList<PriceView> Prices);

internal static class GetPriceBookEndpoints
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/operator/price-book", async (NpgsqlDataSource dataSource, CancellationToken ct, int? version = null) =>
            {
                var (book, prices) = await ReadAsync(dataSource, version, ct);
                return TypedResults.Ok(new PriceBookView(book.Version, book.PublishedAt, book.PublishedBy, [.. prices.Select(PriceView.Of)]));
            })
            .WithSummary("The price book that holds, or a version of it").ForClients(Scopes.Operator, Scopes.BillingRead).Refuses("price-book-version-unknown");
        endpoints.MapGet("/api/operator/price-book.csv", async (NpgsqlDataSource dataSource, CancellationToken ct, int? version = null) =>
            {
                var (_, prices) = await ReadAsync(dataSource, version, ct);
                return TypedResults.Text(PriceBookCsv.Write(prices), "text/csv");
            })
            .WithSummary("The same as CSV, in the form in which it is published").ForClients(Scopes.Operator, Scopes.BillingRead).Refuses("price-book-version-unknown");
        endpoints.MapGet("/api/operator/price-book/versions", async (NpgsqlDataSource dataSource, CancellationToken ct, int limit = 50, int? cursor = null) =>
            {
                PageSize.Check(limit, LimitMax, "versions");

                await using var connection = await dataSource.OpenConnectionAsync(ct);
                var versions = await PriceBooks.VersionsAsync(connection, cursor ?? int.MaxValue, limit + 1, ct);
                return TypedResults.Ok(new Page<PriceBookVersion>(
                    [.. versions.Take(limit)], versions.Count > limit ? versions[limit - 1].Version.ToString(CultureInfo.InvariantCulture) : null));
            })
            .WithSummary("The versions of the price book, newest first").ForClients(Scopes.Operator, Scopes.BillingRead).Refuses("limit-invalid");
    }

    private static async Task<(PriceBookVersion Book, IReadOnlyList<Price> Prices)> ReadAsync(NpgsqlDataSource dataSource, int? version, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        var below = version is { } wanted and < int.MaxValue ? wanted + 1 : int.MaxValue;
        var book = await PriceBooks.NewestAsync(connection, below, ct);
        return book is not null && (version is null || book.Version == version)
            ? (book, await PriceBooks.PricesAsync(connection, book.Version, ct))
            : throw BillingRefusal.NotFound("price-book-version-unknown", "There is no such version of the price book. See /api/operator/price-book/versions.");
    }
}
