using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// Take up the next day to close that is not after one: one whose run is under way, else the one after the last; answers none when all are closed.
/// The very first is the day on which the first workspace was bound, or the wanted one if that is earlier.
/// </summary>
internal sealed record OpenNextDay(DateOnly Through) : ICommand<OpenDay?>;

/// <summary>A day whose run is under way, and in how many lanes.</summary>
internal sealed record OpenDay(DateOnly Day, int Lanes);

internal sealed class OpenNextDayHandler(UnitOfWork work, BillingDays days, DayCloseSettings settings, TimeProvider clock) : ICommandHandler<OpenNextDay, OpenDay?>
{
    public async Task<OpenDay?> Handle(OpenNextDay request, CancellationToken cancellationToken)
    {
        // Alone: whoever notes totals has committed, so the batches see them; from now on what is noted for the day is late.
        await UsageLock.HoldAloneAsync(work, cancellationToken);
        await using var find = work.Command(
            """
            select (select min(day) from settlement.day_close where state <> 'completed'), (select max(day) from settlement.day_close),
                (select min((data ->> 'boundAt')::timestamptz) from settlement.mt_doc_workspacesettlement where not exists (select from settlement.day_close))
            """);
        DateOnly? underWay, last, firstBound;
        await using (var found = await find.ExecuteReaderAsync(cancellationToken))
        {
            await found.ReadAsync(cancellationToken);
            underWay = found.IsDBNull(0) ? null : found.GetFieldValue<DateOnly>(0);
            last = found.IsDBNull(1) ? null : found.GetFieldValue<DateOnly>(1);
            firstBound = found.IsDBNull(2) ? null : days.Of(found.GetFieldValue<DateTimeOffset>(2));
        }

        if (underWay is { } going)
        {
            await using var count = work.Command("select count(*)::int from settlement.day_lane where day = $1", going);
            return new(going, (int)(await count.ExecuteScalarAsync(cancellationToken))!);
        }

        var next = last?.AddDays(1) ?? (firstBound < request.Through ? firstBound.Value : request.Through);
        if (next > request.Through)
        {
            return null;
        }

        await using var open = work.Command("insert into settlement.day_close (day, state, started_at) values ($1, 'rating', $2)", next, clock.GetUtcNow());
        await open.ExecuteNonQueryAsync(cancellationToken);
        return new(next, await OpenLanesAsync(next, cancellationToken));
    }

    /// <summary>Parts the workspaces into lanes of like size; the last one takes in whatever usage lies beyond those that are known.</summary>
    private async Task<int> OpenLanesAsync(DateOnly day, CancellationToken ct)
    {
        await using var count = work.Command("select count(*)::int from settlement.mt_doc_workspacesettlement");
        var workspaces = (int)(await count.ExecuteScalarAsync(ct))!;
        var lanes = Math.Clamp(workspaces / settings.BatchSize, 1, settings.Lanes);
        var after = Guid.Empty;
        for (var lane = 1; lane <= lanes; lane++)
        {
            await using var find = work.Command(
                "select id from settlement.mt_doc_workspacesettlement order by id offset $1 limit 1", (int)((long)workspaces * lane / lanes) - 1);
            var upTo = lane == lanes ? Guid.AllBitsSet : WorkspaceId.Of((string)(await find.ExecuteScalarAsync(ct))!).Uuid();
            await using var open = work.Command("insert into settlement.day_lane (day, lane, rated_after, up_to) values ($1, $2, $3, $4)", day, lane, after, upTo);
            await open.ExecuteNonQueryAsync(ct);
            after = upTo;
        }

        return lanes;
    }
}

/// <summary>
/// Rate, bill and pay the next workspaces of a lane of a day under way, at most <see cref="DayCloseSettings.BatchSize"/>, in one transaction; answers
/// whether there are more. The lane's row is its cursor: a run that was cut off goes on there, and of two at once one waits and then takes the next.
/// </summary>
/// <param name="GivesWay">Others want the database, too: a small step, see <see cref="DayCloseSettings.StepSize"/>, on one core.</param>
internal sealed record CloseDayBatch(DateOnly Day, int Lane, bool GivesWay = false) : ICommand<bool>;

internal sealed class CloseDayBatchHandler(UnitOfWork work, Rating rating, Wallets wallets, DayCloseSettings settings, TimeProvider clock)
    : ICommandHandler<CloseDayBatch, bool>
{
    public async Task<bool> Handle(CloseDayBatch request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var hold = work.Command("select rated_after, up_to from settlement.day_lane where day = $1 and lane = $2 and not is_done for update", request.Day, request.Lane);
        Guid after, laneEnds;
        await using (var held = await hold.ExecuteReaderAsync(cancellationToken))
        {
            if (!await held.ReadAsync(cancellationToken))
            {
                return false;
            }

            (after, laneEnds) = (held.GetGuid(0), held.GetGuid(1));
        }

        var (upTo, isLast) = await Rating.BatchAfterAsync(work.Connection, after, laneEnds, settings.StepSize(request.GivesWay), cancellationToken);
        var parked = await ParkedAsync(request.Day, after, upTo, cancellationToken);
        var between = new WorkspacesBetween(after, upTo, parked);
        var late = await TakeLateAsync(request.Day, between, cancellationToken);

        await work.PlanForBatchesAsync(cancellationToken);
        if (request.GivesWay)
        {
            await work.StayOnOneCoreAsync(cancellationToken);
        }

        var charged = new List<Charged>(await rating.ChargeAsync(work.Connection, between, request.Day, null, now, cancellationToken));
        foreach (var (day, workspaces) in late)
        {
            charged.AddRange(await rating.ChargeAsync(work.Connection, new TheseWorkspaces(workspaces), request.Day, day, now, cancellationToken));
        }

        await work.PlanAsUsualAsync(cancellationToken);
        var bills = charged.ToBills(request.Day);
        await wallets.PayAsync(bills, now, cancellationToken);
        await MoveAsync(request, upTo, isLast, charged, cancellationToken);
        return !isLast;
    }

    /// <summary>Accounts for which billing has stopped, or that still want an earlier day: this day waits for them, too.</summary>
    private async Task<string[]> ParkedAsync(DateOnly day, Guid after, Guid upTo, CancellationToken ct)
    {
        await using var read = work.Command("select account_id from settlement.parked_account union select account_id from settlement.parked_day where day <= $1", day);
        var parked = new List<string>();
        await using (var rows = await read.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                parked.Add(rows.GetString(0));
            }
        }

        if (parked.Count > 0)
        {
            await using var note = work.Command(
                """
                insert into settlement.parked_day (account_id, day)
                select distinct account_key, $1::date from settlement.mt_doc_workspacesettlement where id > $2 and id <= $3 and account_key = any ($4)
                order by 1 on conflict do nothing
                """,
                day, ChargeIds.Workspace(after).Value, ChargeIds.Workspace(upTo).Value, parked.ToArray());
            await note.ExecuteNonQueryAsync(ct);
        }

        return [.. parked];
    }

    /// <summary>
    /// The earlier days of the batch's workspaces whose usage or payers have changed since. Taken before their totals are read: whoever notes a total holds
    /// the row until it has committed. Those of unknown workspaces and of parked accounts stay.
    /// </summary>
    private async Task<IReadOnlyList<(DateOnly Day, IReadOnlyList<Guid> Workspaces)>> TakeLateAsync(DateOnly day, WorkspacesBetween between, CancellationToken ct)
    {
        await using var take = work.Command(
            """
            delete from settlement.usage_late l
            using settlement.mt_doc_workspacesettlement d
            where l.workspace > $1 and l.workspace <= $2 and l.day < $3
                and d.id = 'wksp_' || replace(l.workspace::text, '-', '') and d.account_key <> all ($4)
            returning l.day, l.workspace
            """,
            between.After, between.UpTo, day, between.ButOfAccounts);
        var late = new List<(DateOnly Day, Guid Workspace)>();
        await using var rows = await take.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            late.Add((rows.GetFieldValue<DateOnly>(0), rows.GetGuid(1)));
        }

        return [.. late.GroupBy(row => row.Day).OrderBy(group => group.Key).Select(group => (group.Key, (IReadOnlyList<Guid>)[.. group.Select(row => row.Workspace)]))];
    }

    private async Task MoveAsync(CloseDayBatch batch, Guid upTo, bool isLast, IReadOnlyList<Charged> charged, CancellationToken ct)
    {
        await using var move = work.Command(
            """
            update settlement.day_lane set rated_after = $3, is_done = $4, workspaces = workspaces + $5, lines = lines + $6, total = total + $7
            where day = $1 and lane = $2
            """,
            batch.Day, batch.Lane, upTo, isLast, (long)charged.Select(c => c.Workspace).Distinct().Count(), charged.Sum(c => c.Lines), charged.Sum(c => c.Eligible + c.Excluded));
        await move.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>All lanes of a day are done: it is rated. While one is not, nothing happens.</summary>
internal sealed record FinishRating(DateOnly Day) : ICommand;

internal sealed class FinishRatingHandler(UnitOfWork work, TimeProvider clock) : ICommandHandler<FinishRating>
{
    public async Task<MediatR.Unit> Handle(FinishRating request, CancellationToken cancellationToken)
    {
        await using var finish = work.Command(
            """
            update settlement.day_close d set state = 'rated', rated_at = $2, workspaces = l.workspaces, lines = l.lines, total = l.total
            from (select bool_and(is_done) as is_done, sum(workspaces) as workspaces, sum(lines) as lines, sum(total) as total from settlement.day_lane where day = $1) l
            where d.day = $1 and d.state = 'rating' and l.is_done
            """,
            request.Day, clock.GetUtcNow());
        await finish.ExecuteNonQueryAsync(cancellationToken);
        return MediatR.Unit.Value;
    }
}

/// <summary>Everything that belongs to a day has been done.</summary>
internal sealed record CompleteDay(DateOnly Day) : ICommand;

internal sealed class CompleteDayHandler(UnitOfWork work, TimeProvider clock) : ICommandHandler<CompleteDay>
{
    public async Task<MediatR.Unit> Handle(CompleteDay request, CancellationToken cancellationToken)
    {
        await using var complete = work.Command(
            "update settlement.day_close set state = 'completed', completed_at = $2 where day = $1 and state = 'rated'", request.Day, clock.GetUtcNow());
        await complete.ExecuteNonQueryAsync(cancellationToken);
        return MediatR.Unit.Value;
    }
}

/// <summary>
/// Make up for one day of one account that was parked while the day was closed: the earliest such day, once billing goes on for the account. Answers
/// whether there was one.
/// </summary>
internal sealed record MakeUpParkedDay : ICommand<bool>;

internal sealed class MakeUpParkedDayHandler(UnitOfWork work, Rating rating, Wallets wallets, TimeProvider clock) : ICommandHandler<MakeUpParkedDay, bool>
{
    public async Task<bool> Handle(MakeUpParkedDay request, CancellationToken cancellationToken)
    {
        await using var take = work.Command(
            """
            delete from settlement.parked_day where (account_id, day) = (
                select p.account_id, p.day from settlement.parked_day p join settlement.day_close d on d.day = p.day and d.rated_at is not null
                where not exists (select from settlement.parked_account a where a.account_id = p.account_id)
                order by p.day, p.account_id limit 1 for update of p)
            returning account_id, day
            """);
        string account;
        DateOnly day;
        await using (var taken = await take.ExecuteReaderAsync(cancellationToken))
        {
            if (!await taken.ReadAsync(cancellationToken))
            {
                return false;
            }

            (account, day) = (taken.GetString(0), taken.GetFieldValue<DateOnly>(1));
        }

        var now = clock.GetUtcNow();
        var workspaces = await UnbilledAsync(account, day, cancellationToken);
        await work.PlanForBatchesAsync(cancellationToken);
        var charged = await rating.ChargeAsync(work.Connection, new TheseWorkspaces(workspaces), day, null, now, cancellationToken);
        await work.PlanAsUsualAsync(cancellationToken);
        await wallets.PayAsync(charged.ToBills(day), now, cancellationToken);
        await using var add = work.Command(
            "update settlement.day_close set workspaces = workspaces + $2, lines = lines + $3, total = total + $4 where day = $1",
            day, (long)charged.Select(c => c.Workspace).Distinct().Count(), charged.Sum(c => c.Lines), charged.Sum(c => c.Eligible + c.Excluded));
        await add.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    private async Task<IReadOnlyList<Guid>> UnbilledAsync(string account, DateOnly day, CancellationToken ct)
    {
        await using var read = work.Command(
            """
            select w.workspace
            from (select right(id, 32)::uuid as workspace from settlement.mt_doc_workspacesettlement where account_key = $1) w
            where not exists (select from settlement.bill b where b.day = $2 and b.workspace = w.workspace)
            """,
            account, day);
        var workspaces = new List<Guid>();
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            workspaces.Add(rows.GetGuid(0));
        }

        return workspaces;
    }
}

internal static class DayCloseSql
{
    /// <summary>
    /// Tables of a day that was just told have no statistics yet, and a plan that loops over a batch for each of its rows takes minutes: until the
    /// transaction ends or <see cref="PlanAsUsualAsync"/>, sets are joined as sets, in memory, and plans are not compiled.
    /// </summary>
    public static async Task PlanForBatchesAsync(this UnitOfWork work, CancellationToken ct)
    {
        await using var set = work.Command("set local enable_nestloop = off; set local jit = off; set local work_mem = '64MB'");
        await set.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Until the transaction ends no statement takes helpers, which are faster for the batch and take the cores of whoever calls meanwhile.</summary>
    public static async Task StayOnOneCoreAsync(this UnitOfWork work, CancellationToken ct)
    {
        await using var set = work.Command("set local max_parallel_workers_per_gather = 0");
        await set.ExecuteNonQueryAsync(ct);
    }

    public static async Task PlanAsUsualAsync(this UnitOfWork work, CancellationToken ct)
    {
        await using var set = work.Command("set local enable_nestloop = on");
        await set.ExecuteNonQueryAsync(ct);
    }

    /// <summary>What is to be paid, by bill; nothing where nothing is due.</summary>
    public static IReadOnlyList<BillToPay> ToBills(this IReadOnlyList<Charged> charged, DateOnly day) =>
    [
        .. from charge in charged
           group charge by charge.Workspace into bill
           let charges = (
               from charge in bill
               group charge by charge.Payer into payer
               select new PayerCharge(payer.Key, payer.Sum(c => c.Eligible), payer.Sum(c => c.Excluded)) into charge
               where charge.Eligible != 0 || charge.Excluded != 0
               select charge).ToArray()
           where charges.Length > 0
           select new BillToPay(BillingAccountId.Of(bill.First().AccountId), ChargeIds.Workspace(bill.Key), day, charges),
    ];
}
