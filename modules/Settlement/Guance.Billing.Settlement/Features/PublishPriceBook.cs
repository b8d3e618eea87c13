using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Jobs;
using Guance.Billing.Settlement.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class PublishPriceBookHandler(UnitOfWork work, ITicks ticks, TimeProvider clock) : ICommandHandler<PublishPriceBook, PriceBookPublished>
{
    private const int DetailsMax = 100;

    public async Task<PriceBookPublished> Handle(PublishPriceBook request, CancellationToken cancellationToken)
    {
        var (prices, errors) = PriceBookCsv.Read(request.Csv);
        if (errors.Count > 0)
        {
            throw new BillingRefusal(RefusalKind.Invalid, "price-book-invalid", $"The price book has {errors.Count} errors, the first in line {errors[0].Line}: {errors[0].What} Mend them all and send the whole book again.",
                SettlementRefusals.Details(("errors", errors)));
        }

        await UsageLock.HoldSharedAsync(work, cancellationToken);
        await using (var one = work.Command("select pg_advisory_xact_lock($1)", Ids.LockKey("settlement", "price-book")))
        {
            await one.ExecuteNonQueryAsync(cancellationToken);
        }

        var current = await PriceBooks.NewestAsync(work.Connection, int.MaxValue, cancellationToken);
        var before = current is null ? [] : await PriceBooks.PricesAsync(work.Connection, current.Version, cancellationToken);
        if (request.OnlyFirst && current is not null)
        {
            return new(current.Version, false, false, [], [], []);
        }

        if (request.After is { } after && after != (current?.Version ?? 0))
        {
            throw new BillingRefusal(RefusalKind.Stale, "price-book-moved-on", $"Version {current!.Version} of the price book was published meanwhile. See what would change now, then publish.",
                SettlementRefusals.Details(("version", current.Version)));
        }

        var difference = PriceBook.Compare(before, prices);
        await RefuseAsync(before, prices, cancellationToken);
        var publishes = !difference.IsNone && !request.Preview;
        var version = (current?.Version ?? 0) + (difference.IsNone ? 0 : 1);
        if (publishes)
        {
            await PriceBooks.AddAsync(work.Connection, new(version, clock.GetUtcNow(), request.By), prices, cancellationToken);
            await RateAgainAsync([.. prices.Select(price => price.Item).Except(before.Select(price => price.Item))], cancellationToken);
            if (!request.OnlyFirst)
            {
                work.AfterCommit(() => ticks.Poke(PrepareJob.Id));
            }
        }

        return new(
            version, publishes, request.Preview, [.. difference.Added.Select(PriceBooks.View)],
            [.. difference.Changed.Select(change => new PriceChangeView(PriceBooks.View(change.Old), PriceBooks.View(change.New)))], [.. difference.Removed.Select(PriceBooks.View)]);
    }

    private async Task RefuseAsync(IReadOnlyList<Price> before, IReadOnlyList<Price> after, CancellationToken ct)
    {
        if (PriceBook.Dropped(before, after) is [var first, ..] dropped)
        {
            throw BillingRefusal.Unprocessable("price-removed",
                $"{dropped.Count} prices are missing, such as {Name(first)}. What has had a price keeps one, or its usage could not be charged. Put them back.",
                SettlementRefusals.Details(("removed", dropped.Take(DetailsMax).Select(Name).ToArray())));
        }

        await using var read = work.Command("select max(day) from settlement.day_close");
        if (await read.ExecuteScalarAsync(ct) is DateOnly closed && PriceBook.ChangedOnClosedDays(before, after, closed) is [var one, ..] changed)
        {
            throw BillingRefusal.Conflict("price-changes-closed-day",
                $"{changed.Count} prices would change on days that are closed, such as {Name(one)}. Days are closed through {closed.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}: add a line with a later effectiveFrom instead.",
                SettlementRefusals.Details(("closedThrough", closed), ("changed", changed.Take(DetailsMax).Select(Name).ToArray())));
        }
    }

    /// <summary>Usage of an item that had no price waits in closed days; it is charged by the next bill.</summary>
    private async Task RateAgainAsync(string[] newItems, CancellationToken ct)
    {
        await using var rate = work.Command(
            """
            insert into settlement.usage_late (workspace, day)
            select distinct workspace, day from settlement.usage_hour where item = any ($1) and day <= (select max(day) from settlement.day_close)
            order by 1, 2 on conflict (workspace, day) do update set day = excluded.day
            """,
            (object)newItems);
        await (newItems.Length == 0 ? Task.CompletedTask : rate.ExecuteNonQueryAsync(ct));
    }

    private static string Name(PriceKey key) => string.Join(' ', new[] { key.Item, key.RetentionDays == 0 ? "" : $"{key.RetentionDays} d", key.Currency, key.Region }.Where(part => part.Length > 0));
}

internal static class PublishPriceBookEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/price-book", async (HttpRequest request, ICallers callers, IMediator mediator, CancellationToken ct, bool preview = false) =>
        {
            using var reader = new StreamReader(request.Body);
            return TypedResults.Ok(await mediator.Send(new PublishPriceBook(await reader.ReadToEndAsync(ct), callers.Current.By, preview), ct));
        })
        .Accepts<string>("text/csv")
        .WithSummary("Publish a price book (CSV, the whole book); ?preview=true says what would change and changes nothing")
        .ForOperatorsTo<PublishPriceBook>().Idempotent().Refuses("price-book-invalid", "price-removed", "price-changes-closed-day");
}
