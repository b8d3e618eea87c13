using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetPriceBookHandler(NpgsqlDataSource dataSource) : IQueryHandler<GetPriceBook, PriceBookView>
{
    public async Task<PriceBookView> Handle(GetPriceBook request, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var below = request.Version is { } wanted and < int.MaxValue ? wanted + 1 : int.MaxValue;
        var book = await PriceBooks.NewestAsync(connection, below, cancellationToken);
        if (book is null || (request.Version is not null && book.Version != request.Version))
        {
            throw BillingRefusal.NotFound("price-book-version-unknown", "There is no such version of the price book. See /api/operator/price-book/versions.");
        }

        var prices = await PriceBooks.PricesAsync(connection, book.Version, cancellationToken);
        return new(book.Version, book.PublishedAt, book.PublishedBy, [.. prices.Select(PriceBooks.View)], PriceBookCsv.Write(prices));
    }
}

internal sealed class ListPriceBookVersionsHandler(NpgsqlDataSource dataSource) : IQueryHandler<ListPriceBookVersions, Page<PriceBookVersion>>
{
    private const int LimitMax = 200;

    public async Task<Page<PriceBookVersion>> Handle(ListPriceBookVersions request, CancellationToken cancellationToken)
    {
        PageSize.Check(request.Limit, LimitMax, "versions");
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var versions = await PriceBooks.VersionsAsync(connection, request.Cursor ?? int.MaxValue, request.Limit + 1, cancellationToken);
        return new(
            [.. versions.Take(request.Limit)],
            versions.Count > request.Limit ? versions[request.Limit - 1].Version.ToString(CultureInfo.InvariantCulture) : null);
    }
}

internal static class GetPriceBookEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/operator/price-book", async (IRequestHandler<GetPriceBook, PriceBookView> read, CancellationToken ct, int? version = null) =>
            {
                var book = await read.Handle(new(version), ct);
                return TypedResults.Ok(new Answer(book.Version, book.PublishedAt, book.PublishedBy, book.Prices));
            })
            .WithSummary("The price book that holds, or a version of it").ForClients(Scopes.Operator, Scopes.BillingRead).Refuses("price-book-version-unknown");
        endpoints.MapGet("/api/operator/price-book.csv", async (IRequestHandler<GetPriceBook, PriceBookView> read, CancellationToken ct, int? version = null) =>
                TypedResults.Text((await read.Handle(new(version), ct)).Csv, "text/csv"))
            .WithSummary("The same as CSV, in the form in which it is published").ForClients(Scopes.Operator, Scopes.BillingRead).Refuses("price-book-version-unknown");
        endpoints.MapGet("/api/operator/price-book/versions", async (
                IRequestHandler<ListPriceBookVersions, Page<PriceBookVersion>> list, CancellationToken ct, int limit = 50, int? cursor = null) =>
                TypedResults.Ok(await list.Handle(new(limit, cursor), ct)))
            .WithSummary("The versions of the price book, newest first").ForClients(Scopes.Operator, Scopes.BillingRead).Refuses("limit-invalid");
    }

    internal sealed record Answer(int Version, DateTimeOffset PublishedAt, string PublishedBy, IReadOnlyList<PriceView> Prices);
}
