using System.Globalization;
using Guance.Billing.CloudAccounts.Contracts;
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

internal sealed class ExplainChargeHandler(NpgsqlDataSource dataSource, Rating rating, IQueries queries) : IQueryHandler<ExplainCharge, ChargeExplanation>
{
    private const int PushDays = 31;

    public async Task<ChargeExplanation> Handle(ExplainCharge request, CancellationToken cancellationToken)
    {
        var line = await FindAsync(dataSource, request.LineId, cancellationToken);
        if (line is null || !line.Account.IsSeenBy(request.OnlyAccount))
        {
            throw BillingRefusal.NotFound("charge-unknown", "There is no such charge in this billing account. Take the line's id from a daily bill.");
        }

        var hours = await HoursAsync(dataSource, line, cancellationToken);
        var (before, later) = await OthersAsync(dataSource, line, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var now = (await rating.RateAsync(connection, line.Workspace, line.UsageDay, line.Item, line.RetentionDays, cancellationToken)).SingleOrDefault(rated => rated.Payer == line.Payer);
        return Explain(
            line, hours, before, later, now?.Exact ?? 0, await DeductionsAsync(connection, line, cancellationToken), await PushAsync(queries, line, cancellationToken));
    }

    private static ChargeExplanation Explain(
        Line line, IReadOnlyList<ExplainedHour> hours, decimal before, IReadOnlyList<string> later, decimal ratedNow,
        IReadOnlyList<ExplainedDeduction> deductions, IReadOnlyList<UsagePush> push)
    {
        Money Of(decimal amount) => new(amount, line.Currency);
        var isGauge = line.Aggregation == "max";
        return new(
            new(line.Id, line.Item, line.RetentionDays > 0 ? line.RetentionDays : null, line.Quantity, line.UnitQuantity, Of(line.Price), Of(line.Amount), line.Payer, line.AdjustsDay),
            ChargeIds.Bill(line.Day, line.Workspace), line.Day, line.UsageDay, ChargeIds.Workspace(line.Workspace),
            new(line.Quantity, line.Unit, line.Aggregation, line.AdjustsDay is not null
                ? "What the day's quantity has changed by since it was charged."
                : isGauge ? "The highest hour of the day." : "The sum of this payer's hours of the day.", hours),
            new(Of(line.Price), line.UnitQuantity, line.Unit, line.Region, line.PriceVersion, line.EffectiveFrom, line.PublishedAt),
            isGauge ? new(line.ShareNumerator, line.ShareDenominator) : null,
            Formula(line, isGauge),
            line.AdjustsDay is null ? null : new(Of(before), Of(before + line.Exact)),
            new(Of(line.Exact), Of(line.CarryIn), Of(line.Amount), Of(line.CarryOut),
                $"{Text(line.Exact)} + {Text(line.CarryIn)} carried from before, rounded half-up to 2 decimals = {Text(line.Amount)}; {Text(line.CarryOut)} is carried on."),
            ratedNow != before + line.Exact, later, deductions, push);
    }

    private static ExplainedFormula Formula(Line line, bool isGauge)
    {
        if (line.AdjustsDay is not null)
        {
            return new("What the day is rated at now less what has been charged for it.", $"{Text(line.Exact)} {line.Currency}");
        }

        var numbers = $"{Text(line.Quantity)} ÷ {Text(line.UnitQuantity)} × {Text(line.Price)}";
        return isGauge && line.ShareNumerator != line.ShareDenominator
            ? new("The highest hour ÷ unit × price, times the payer's share of the day's seconds.", $"{numbers} × {line.ShareNumerator} ÷ {line.ShareDenominator} = {Text(line.Exact)} {line.Currency}")
            : new(isGauge ? "The highest hour ÷ unit × price." : "Quantity ÷ unit × price.", $"{numbers} = {Text(line.Exact)} {line.Currency}");
    }

    private static async Task<IReadOnlyList<ExplainedDeduction>> DeductionsAsync(NpgsqlConnection connection, Line line, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand(
            """
            select p.ledger, -p.amount
            from settlement.journal_entry e cross join lateral unnest(e.ledgers, e.amounts) with ordinality p(ledger, amount, number)
            where e.account_id = $1 and e.idempotency_key = $2 and p.ledger <> 'usage'
            order by p.number
            """,
            connection);
        read.Parameters.Add(new() { Value = line.Account.Value });
        read.Parameters.Add(new() { Value = ChargeIds.Bill(line.Day, line.Workspace) });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var deductions = new List<ExplainedDeduction>();
        while (await rows.ReadAsync(ct))
        {
            deductions.Add(new(rows.GetString(0), new(rows.GetDecimal(1), line.Currency)));
        }

        return deductions;
    }

    private static async Task<IReadOnlyList<UsagePush>> PushAsync(IQueries queries, Line line, CancellationToken ct)
    {
        if (line.Payer == PayerTimeline.BillingCenter)
        {
            return [];
        }

        var parts = line.Payer.Split('/', 2);
        var pushes = await queries.Ask(new ListUsagePushes(line.Day, line.Day.AddDays(PushDays), new(CloudProvider.Of(parts[0]), parts[1])), ct);
        return [.. pushes.Take(1 + pushes.TakeWhile(push => push.State is not UsagePushState.Accepted).Count())];
    }

    private static async Task<Line?> FindAsync(NpgsqlDataSource dataSource, string lineId, CancellationToken ct)
    {
        if (!ChargeIds.TryParseLine(lineId, out var key))
        {
            return null;
        }

        await using var read = dataSource.CreateCommand(
            """
            select l.account_id, l.item, l.retention_days, l.payer, l.adjusts_day, trim_scale(l.quantity), l.share_numerator, l.share_denominator,
                trim_scale(l.unit_quantity), trim_scale(l.price), l.price_version, l.exact, l.carry_in, l.amount, l.carry_out, b.currency,
                p.aggregation, p.unit, p.region, p.effective_from, v.published_at
            from settlement.bill_line l
            join settlement.bill b on b.day = l.day and b.workspace = l.workspace
            join settlement.price_book_version v on v.version = l.price_version
            join lateral (
                select p.* from settlement.price p
                where p.version = l.price_version and p.item = l.item and p.retention_days = l.retention_days and p.currency = b.currency
                    and p.price = l.price and p.unit_quantity = l.unit_quantity and p.effective_from <= coalesce(l.adjusts_day, l.day)
                order by p.effective_from desc limit 1) p on true
            where l.day = $1 and l.workspace = $2 and l.line_no = $3
            """);
        var (day, workspace, lineNumber) = key.Value;
        read.Parameters.Add(new() { Value = day });
        read.Parameters.Add(new() { Value = workspace });
        read.Parameters.Add(new() { Value = lineNumber });
        await using var rows = await read.ExecuteReaderAsync(ct);
        return await rows.ReadAsync(ct)
            ? new(
                lineId, day, workspace, BillingAccountId.Of(rows.GetString(0)), rows.GetString(1), rows.GetInt32(2), rows.GetString(3),
                rows.IsDBNull(4) ? null : rows.GetFieldValue<DateOnly>(4), rows.GetDecimal(5), rows.GetInt64(6), rows.GetInt64(7), rows.GetDecimal(8), rows.GetDecimal(9),
                rows.GetInt32(10), rows.GetDecimal(11), rows.GetDecimal(12), rows.GetDecimal(13), rows.GetDecimal(14), Currency.Of(rows.GetString(15)),
                rows.GetString(16), rows.GetString(17), rows.GetString(18), rows.GetFieldValue<DateOnly>(19), rows.GetFieldValue<DateTimeOffset>(20))
            : null;
    }

    private static async Task<IReadOnlyList<ExplainedHour>> HoursAsync(NpgsqlDataSource dataSource, Line line, CancellationToken ct)
    {
        await using var read = dataSource.CreateCommand(
            """
            select u.hour, u.part_from, trim_scale(u.quantity), s.payer
            from settlement.usage_hour u
            left join settlement.mt_doc_workspacesettlement d on d.id = $5
            left join lateral settlement.payer_spans(d.data -> 'payers') s on (s.is_first or u.part_from >= s.from_at) and u.part_from < s.to_at
            where u.day = $1 and u.workspace = $2 and u.item = $3 and u.retention_days = $4
            order by u.hour, u.part_from
            """);
        read.Parameters.Add(new() { Value = line.UsageDay });
        read.Parameters.Add(new() { Value = line.Workspace });
        read.Parameters.Add(new() { Value = line.Item });
        read.Parameters.Add(new() { Value = line.RetentionDays });
        read.Parameters.Add(new() { Value = ChargeIds.Workspace(line.Workspace).Value });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var parts = new List<(DateTimeOffset Hour, ExplainedPart Part)>();
        while (await rows.ReadAsync(ct))
        {
            parts.Add((rows.GetFieldValue<DateTimeOffset>(0), new(rows.GetFieldValue<DateTimeOffset>(1), rows.GetDecimal(2), rows.IsDBNull(3) ? null : rows.GetString(3))));
        }

        return
        [
            .. from part in parts
               group part.Part by part.Hour into hour
               select new ExplainedHour(hour.Key, line.Aggregation == "max" ? hour.Max(part => part.Quantity) : hour.Sum(part => part.Quantity), [.. hour]),
        ];
    }

    /// <summary>What earlier lines charge for the same usage, and the later lines that adjust it.</summary>
    private static async Task<(decimal Before, IReadOnlyList<string> Later)> OthersAsync(NpgsqlDataSource dataSource, Line line, CancellationToken ct)
    {
        await using var read = dataSource.CreateCommand(
            """
            select day, line_no, exact from (
                select day, workspace, line_no, item, retention_days, payer, exact from settlement.bill_line where day = $1 and adjusts_day is null and workspace = $2
                union all
                select day, workspace, line_no, item, retention_days, payer, exact from settlement.bill_line where adjusts_day = $1 and workspace = $2) l
            where item = $3 and retention_days = $4 and payer = $5 and day <> $6
            order by day
            """);
        read.Parameters.Add(new() { Value = line.UsageDay });
        read.Parameters.Add(new() { Value = line.Workspace });
        read.Parameters.Add(new() { Value = line.Item });
        read.Parameters.Add(new() { Value = line.RetentionDays });
        read.Parameters.Add(new() { Value = line.Payer });
        read.Parameters.Add(new() { Value = line.Day });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var before = 0m;
        var later = new List<string>();
        while (await rows.ReadAsync(ct))
        {
            var day = rows.GetFieldValue<DateOnly>(0);
            if (day < line.Day)
            {
                before += rows.GetDecimal(2);
            }
            else
            {
                later.Add(ChargeIds.Line(day, line.Workspace, rows.GetInt32(1)));
            }
        }

        return (before, later);
    }

    private static string Text(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    private sealed record Line(
        string Id, DateOnly Day, Guid Workspace, BillingAccountId Account, string Item, int RetentionDays, string Payer, DateOnly? AdjustsDay, decimal Quantity,
        long ShareNumerator, long ShareDenominator, decimal UnitQuantity, decimal Price, int PriceVersion, decimal Exact, decimal CarryIn, decimal Amount, decimal CarryOut,
        Currency Currency, string Aggregation, string Unit, string Region, DateOnly EffectiveFrom, DateTimeOffset PublishedAt)
    {
        public DateOnly UsageDay => AdjustsDay ?? Day;
    }
}

internal static class ExplainChargeEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/charges/{lineId}/explanation", async (
            string lineId, IRequestHandler<ExplainCharge, ChargeExplanation> explain, ICallers callers, CancellationToken ct) =>
            TypedResults.Ok(await explain.Handle(new(lineId, callers.Current.OnlyAccount()), ct)))
        .WithSummary("How a charge came about: hours, formula, price version, share of the day, rounding, receipt")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("charge-unknown");
}
