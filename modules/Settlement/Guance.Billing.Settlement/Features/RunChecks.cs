using System.Data;
using FluentValidation;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Settlement.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.Features;

internal sealed class RunChecksValidator : AbstractValidator<RunChecks>
{
    private const int DaysMax = 62;

    public RunChecksValidator() => RuleFor(c => c.From).Must((c, from) => from <= c.To && c.To.DayNumber - from.DayNumber < DaysMax)
        .WithErrorCode("days-invalid").WithMessage($"Check 1 to {DaysMax} days at once: 'from' is not after 'to'.");
}

internal sealed class RunChecksHandler(
    UnitOfWork work, Rating rating, DayCloseSettings settings, Traffic traffic, JournalVerifier journals, Deployment deployment, TimeProvider clock, ILogger<RunChecksHandler> log)
    : ICommandHandler<RunChecks, ChecksRun>
{
    private const int FoundMax = 10_000;

    /// <summary>With many workspaces checks take longer than a statement commonly may; who asked can still cancel.</summary>
    private const int NoTimeout = 0;

    public async Task<ChecksRun> Handle(RunChecks request, CancellationToken cancellationToken)
    {
        await using (var alone = work.Command("select pg_advisory_xact_lock($1)", Ids.LockKey("settlement", "checks")))
        {
            alone.CommandTimeout = NoTimeout;
            await alone.ExecuteNonQueryAsync(cancellationToken);
        }

        if (!request.WholeJournal && await IsCompletedAsync(request.To, cancellationToken))
        {
            // Another run of the close got here first.
            return new(request.From, request.To, 0, await OpenAsync(cancellationToken));
        }

        var found = new List<Found>();
        await work.PlanForBatchesAsync(cancellationToken);
        foreach (var check in Check.All.Where(check => request.WholeJournal || !check.ReadsWholeJournals))
        {
            found.AddRange(await FindAsync(check, request, cancellationToken));
        }

        for (var day = request.From; day <= request.To; day = day.AddDays(1))
        {
            found.AddRange(await UsageAsync(day, cancellationToken));
        }

        await work.PlanAsUsualAsync(cancellationToken);
        var verification = await journals.VerifyAsync(null, request.WholeJournal ? null : request.From, cancellationToken);
        found.AddRange(verification.Breaks.Select(broken => new Found(
            "journal-is-as-written", broken.AccountId, null, null, $"{broken.Seq}", broken.What, null, null,
            "A journal is never edited: restore the account's entries from the backup, then run the checks again.")));
        found = [.. found.Take(FoundMax)];
        await KeepAsync(found, request, cancellationToken);
        if (found.Count > 0)
        {
            log.LogError("Checks of {From} to {To} found {Count} violations; billing has stopped for their accounts. See /api/operator/violations", request.From, request.To, found.Count);
        }

        return new(request.From, request.To, found.Count, await OpenAsync(cancellationToken));
    }

    private async Task<bool> IsCompletedAsync(DateOnly day, CancellationToken ct)
    {
        await using var read = work.Command("select exists (select from settlement.day_close where day = $1 and state = 'completed')", day);
        return (bool)(await read.ExecuteScalarAsync(ct))!;
    }

    private async Task<long> OpenAsync(CancellationToken ct)
    {
        await using var open = work.Command("select count(*) from settlement.violation where resolved_at is null");
        return (long)(await open.ExecuteScalarAsync(ct))!;
    }

    private async Task<IReadOnlyList<Found>> FindAsync(Check check, RunChecks request, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand($"{check.Sql} limit {FoundMax}", work.Connection, work.Transaction);
        read.CommandTimeout = NoTimeout;
        read.Parameters.AddWithValue("from", request.From);
        read.Parameters.AddWithValue("to", request.To);
        read.Parameters.AddWithValue("zone", deployment.TimeZone.Id);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var found = new List<Found>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                check.Name, rows.IsDBNull(0) ? null : rows.GetString(0), rows.IsDBNull(1) ? null : rows.GetGuid(1), rows.IsDBNull(2) ? null : rows.GetFieldValue<DateOnly>(2),
                rows.GetString(3), rows.GetString(4), rows.IsDBNull(5) ? null : rows.GetDecimal(5), rows.IsDBNull(6) ? null : rows.GetDecimal(6), check.Repair));
        }

        return found;
    }

    /// <summary>
    /// Rates the day once more, batch by batch, by the code that made its lines: what is not charged, or not used, shows with its amount. Gives way to others as
    /// the day's run does.
    /// </summary>
    private async Task<IReadOnlyList<Found>> UsageAsync(DateOnly day, CancellationToken ct)
    {
        var found = new List<Found>();
        for (var (after, isLast) = (Guid.Empty, false); !isLast && found.Count < FoundMax;)
        {
            (after, isLast) = await traffic.GiveWayAsync(givesWay => BatchAsync(after, givesWay), ct);
        }

        return found;

        async Task<(Guid UpTo, bool IsLast)> BatchAsync(Guid after, bool givesWay)
        {
            if (givesWay)
            {
                await work.StayOnOneCoreAsync(ct);
            }

            var (upTo, isLast) = await Rating.BatchAfterAsync(work.Connection, after, Guid.AllBitsSet, settings.StepSize(givesWay), ct);
            found.AddRange((await rating.UnchargedAsync(work.Connection, new(after, upTo, []), day, ct)).Select(uncharged => new Found(
                "usage-is-charged", uncharged.AccountId, uncharged.Workspace, day, "",
                uncharged.HasBill ? "What the day's usage comes to is not what was charged for it." : "A day with usage has no bill.",
                uncharged.Rated, uncharged.Charged,
                "Lines are never edited. If usage was lost, have the site tell it again; if lines were lost or changed, restore them from the backup. Then run the checks again.")));
            return (upTo, isLast);
        }
    }

    private async Task KeepAsync(IReadOnlyList<Found> found, RunChecks request, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var keep = new NpgsqlBatch(work.Connection, work.Transaction);
        var insert = new NpgsqlBatchCommand(
            """
            insert into settlement.violation (id, found_at, check_name, account_id, workspace, day, what, expected, found, repair)
            select v.id, $10, v.check_name, v.account_id, v.workspace, v.day, v.what, v.expected, v.found, v.repair
            from unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::date[], $6::text[], $7::numeric[], $8::numeric[], $9::text[])
                v(id, check_name, account_id, workspace, day, what, expected, found, repair)
            on conflict (id) do update set
                found_at = case when settlement.violation.resolved_at is null then settlement.violation.found_at else excluded.found_at end,
                what = excluded.what, expected = excluded.expected, found = excluded.found, repair = excluded.repair, resolved_at = null, resolved_by = null
            """);
        var distinct = found.DistinctBy(violation => violation.Id).ToArray();
        Add(insert, [.. distinct.Select(v => v.Id)], NpgsqlDbType.Text);
        Add(insert, [.. distinct.Select(v => v.Check)], NpgsqlDbType.Text);
        Add(insert, [.. distinct.Select(v => v.AccountId)], NpgsqlDbType.Text);
        Add(insert, [.. distinct.Select(v => v.Workspace)], NpgsqlDbType.Uuid);
        Add(insert, [.. distinct.Select(v => v.Day)], NpgsqlDbType.Date);
        Add(insert, [.. distinct.Select(v => v.What)], NpgsqlDbType.Text);
        Add(insert, [.. distinct.Select(v => v.Expected)], NpgsqlDbType.Numeric);
        Add(insert, [.. distinct.Select(v => v.Value)], NpgsqlDbType.Numeric);
        Add(insert, [.. distinct.Select(v => v.Repair)], NpgsqlDbType.Text);
        insert.Parameters.Add(new() { Value = now });
        keep.BatchCommands.Add(insert);

        // What these days' checks do not find any more has been repaired. What has no day is only cleared by checks of all.
        var clear = new NpgsqlBatchCommand(
            """
            update settlement.violation set resolved_at = $1, resolved_by = 'checks'
            where resolved_at is null and id <> all ($2) and (day between $3 and $4 or (day is null and $5))
            """);
        clear.Parameters.Add(new() { Value = now });
        clear.Parameters.Add(new() { Value = distinct.Select(v => v.Id).ToArray() });
        clear.Parameters.Add(new() { Value = request.From });
        clear.Parameters.Add(new() { Value = request.To });
        clear.Parameters.Add(new() { Value = request.WholeJournal });
        keep.BatchCommands.Add(clear);
        keep.BatchCommands.Add(new(
            """
            insert into settlement.parked_account (account_id, since, violation_id)
            select account_id, min(found_at), min(id) from settlement.violation where resolved_at is null and account_id is not null group by account_id
            on conflict do nothing
            """));
        keep.BatchCommands.Add(new(
            """
            delete from settlement.parked_account p
            where exists (select from settlement.violation v where v.id = p.violation_id)
                and not exists (select from settlement.violation v where v.account_id = p.account_id and v.resolved_at is null)
            """));
        await keep.ExecuteNonQueryAsync(ct);
    }

    private static void Add<T>(NpgsqlBatchCommand command, T[] values, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    private sealed record Found(
        string Check, string? AccountId, Guid? Workspace, DateOnly? Day, string Subject, string What, decimal? Expected, decimal? Value, string Repair)
    {
        public string Id { get; } = $"violation_{Ids.DeterministicGuid(Check, AccountId ?? "", $"{Workspace}", $"{Day:yyyy-MM-dd}", Subject):N}";
    }
}

internal static class RunChecksEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/checks", async (Body body, ICallers callers, IMediator mediator, BillingDays days, TimeProvider clock, CancellationToken ct) =>
        {
            var to = body.To ?? days.Of(clock.GetUtcNow()).AddDays(-1);
            var from = body.From ?? to;
            return TypedResults.Ok(await mediator.Send(new RunChecks(from, to, WholeJournal: true, callers.Current.By), ct));
        })
        .WithSummary("Check the invariants of money for some days (yesterday unless told), and whole journals; what is repaired lets billing go on")
        .ForOperatorsTo<RunChecks>()
        .Refuses("days-invalid");

    internal sealed record Body(DateOnly? From, DateOnly? To);
}
