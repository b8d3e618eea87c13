using System.Globalization;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Marten;
using MediatR;

namespace Guance.Billing.Settlement.Features;

/// <summary>Tell each site of the deployment which items it may meter, where that differs from what it was told last.</summary>
internal sealed record TellItemCatalogs : ICommand;

internal sealed class TellItemCatalogsHandler(UnitOfWork work, IDocumentSession session, Regions regions, BillingDays days, Deployment deployment, TimeProvider clock)
    : ICommandHandler<TellItemCatalogs>
{
    public async Task<Unit> Handle(TellItemCatalogs request, CancellationToken cancellationToken)
    {
        if (await PriceBooks.NewestAsync(work.Connection, int.MaxValue, cancellationToken) is not { } book)
        {
            return Unit.Value;
        }

        var now = clock.GetUtcNow();
        var prices = await PriceBooks.PricesAsync(work.Connection, book.Version, cancellationToken);
        var told = (await session.LoadManyAsync<ItemCatalog>(cancellationToken, [.. deployment.SiteUrls.Keys.Select(ItemCatalog.Key)])).ToDictionary(catalog => catalog.Site);
        foreach (var site in deployment.SiteUrls.Keys)
        {
            var items = PriceBook.Items(prices, deployment.Currency.Value, regions.Of(site), days.Of(now));
            var e = new ItemCatalogPublished(site, items, now);
            if (!told.TryGetValue(site, out var last))
            {
                session.Events.StartStream<ItemCatalog>(ItemCatalog.Key(site), e);
            }
            else if (!last.Has(items))
            {
                session.Events.Append(last.Id, last.Version + 1, e);
            }
        }

        return Unit.Value;
    }
}

/// <summary>Make the partitions of a month for usage totals and bills, if they are not there. What came before, and so lies in the default partitions, moves.</summary>
/// <param name="Month">The first of the month.</param>
internal sealed record MakeMonth(DateOnly Month) : ICommand;

internal sealed class MakeMonthHandler(UnitOfWork work) : ICommandHandler<MakeMonth>
{
    private static readonly string[] Tables = ["usage_hour", "bill", "bill_line"];

    public async Task<Unit> Handle(MakeMonth request, CancellationToken cancellationToken)
    {
        var from = request.Month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var to = request.Month.AddMonths(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        foreach (var table in Tables)
        {
            var partition = $"{table}_{request.Month.ToString("yyyy_MM", CultureInfo.InvariantCulture)}";
            await using var find = work.Command("select to_regclass('settlement.' || $1) is not null", partition);
            if (await find.ExecuteScalarAsync(cancellationToken) is true)
            {
                continue;
            }

            await using var make = work.Command(
                $"""
                lock table settlement.{table}_default in access exclusive mode;
                create table settlement.{partition} (like settlement.{table} including all);
                with moved as (delete from settlement.{table}_default where day >= '{from}' and day < '{to}' returning *)
                insert into settlement.{partition} select * from moved;
                alter table settlement.{table} attach partition settlement.{partition} for values from ('{from}') to ('{to}');
                """);
            await make.ExecuteNonQueryAsync(cancellationToken);
        }

        return Unit.Value;
    }
}
