using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class ReconcileSubscriptionsHandler(NpgsqlDataSource dataSource, IQueries queries, BillingDays billingDays, Deployment deployment, TimeProvider clock)
    : IQueryHandler<ReconcileSubscriptions, ReconciliationView>
{
    private const int DaysMax = 62;
    private const int LimitMax = 500;

    public async Task<ReconciliationView> Handle(ReconcileSubscriptions request, CancellationToken cancellationToken)
    {
        var last = request.To ?? billingDays.Of(clock.GetUtcNow()).AddDays(-1);
        var first = request.From ?? new DateOnly(last.Year, last.Month, 1);
        if (first > last || last.DayNumber - first.DayNumber >= DaysMax)
        {
            throw BillingRefusal.InvalidField("from", "days-invalid", $"Reconcile 1 to {DaysMax} days at once: 'from' is not after 'to'.");
        }

        if (request.Limit is < 1 or > LimitMax || request.Cursor < 0)
        {
            throw BillingRefusal.InvalidField("limit", "limit-invalid", $"A page holds 1 to {LimitMax} subscriptions.");
        }

        var all = Reconcile(await RatedAsync(first, last, cancellationToken), await queries.Ask(new ListCloudChargeDays(first, last), cancellationToken));
        var skip = request.Cursor ?? 0;
        return new(
            first, last, deployment.Currency, all.Count, all.Count(one => one.IsInOrder), [.. all.Skip(skip).Take(request.Limit)],
            all.Count > skip + request.Limit ? $"{skip + request.Limit}" : null);
    }

    internal static IReadOnlyList<ReconciledSubscription> Reconcile(
        IReadOnlyDictionary<(string Instance, DateOnly Day), decimal> rated, IReadOnlyList<CloudChargeDay> pushed)
    {
        var known = pushed.ToDictionary(day => (Instance: day.Instance.ToString(), day.Day));
        return
        [
            .. from key in rated.Keys.Union(known.Keys)
               group key by key.Instance into instance
               let days = (
                   from key in instance
                   orderby key.Day
                   let day = known.GetValueOrDefault(key)
                   select new ReconciledDay(
                       key.Day, rated.GetValueOrDefault(key), day?.Stated ?? 0, day?.Accepted ?? 0, day?.Unanswered ?? 0, day?.Rejected ?? 0, day?.Billed)).ToArray()
               let one = View(instance.Key, days)
               orderby one.IsInOrder, instance.Key
               select one,
        ];
    }

    private static ReconciledSubscription View(string instance, ReconciledDay[] days)
    {
        var parts = instance.Split('/', 2);
        var views = days.Select(day => new ReconciledDayView(
            day.Day, day.Rated, day.Stated, day.Accepted, day.Unanswered, day.Rejected, day.Billed, Reconciliation.OfDay(day))).ToArray();
        // What was refused and has not come back as accepted is still to go out.
        var differences = Reconciliation.OfPushes(days, days.Sum(day => day.Rejected));
        return new(
            CloudProvider.Of(parts[0]), parts[1], days.Sum(day => day.Rated), days.Sum(day => day.Accepted),
            days.Any(day => day.Billed is not null) ? days.Sum(day => day.Billed ?? 0) : null,
            differences.All(difference => difference.IsExplained) && views.All(day => day.Differences.Count == 0),
            differences, views);
    }

    private async Task<IReadOnlyDictionary<(string Instance, DateOnly Day), decimal>> RatedAsync(DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using var read = dataSource.CreateCommand(
            """
            select substr(p.ledger, 7), e.day, -sum(p.amount)
            from settlement.journal_entry e cross join lateral unnest(e.ledgers, e.amounts) p(ledger, amount)
            where e.day between $1 and $2 and p.ledger like 'cloud:%'
            group by p.ledger, e.day having sum(p.amount) <> 0
            """);
        read.Parameters.Add(new() { Value = from });
        read.Parameters.Add(new() { Value = to });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var rated = new Dictionary<(string, DateOnly), decimal>();
        while (await rows.ReadAsync(ct))
        {
            rated.Add((rows.GetString(0), rows.GetFieldValue<DateOnly>(1)), rows.GetDecimal(2));
        }

        return rated;
    }
}

internal static class ReconcileSubscriptionsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/reconciliation", async (
            IRequestHandler<ReconcileSubscriptions, ReconciliationView> reconcile, CancellationToken ct, DateOnly? from = null, DateOnly? to = null, int limit = 100,
            int? cursor = null) =>
            TypedResults.Ok(await reconcile.Handle(new(from, to, limit, cursor), ct)))
        .WithSummary("Rated, pushed and billed, by subscription and day; what is not in order comes first")
        .ForClients(Scopes.Operator)
        .Refuses("days-invalid", "limit-invalid");
}
