using System.Text.Json;
using Guance.Billing.Platform;
using Guance.Billing.Settlement.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement;

/// <summary>Which workspaces are rated.</summary>
internal interface IRatedWorkspaces;

/// <summary>All whose ids come after one and up to another, but for those of some accounts.</summary>
internal sealed record WorkspacesBetween(Guid After, Guid UpTo, string[] ButOfAccounts) : IRatedWorkspaces;

internal sealed record TheseWorkspaces(IReadOnlyCollection<Guid> Workspaces) : IRatedWorkspaces;

/// <summary>
/// Rates a day's usage (rules §7) where it lies: in PostgreSQL, by one text of SQL that closing a day, adjusting one and explaining a charge share. Only who
/// pays is read from the workspaces' documents first, and given to it as arrays: so the planner knows how many there are, and chooses well.
/// </summary>
/// <remarks>
/// Counted usage belongs to the payer at its time. A gauge is charged once, by its highest hour, and the charge is split by the seconds of the day for
/// which each payer pays; the last payer gets what the others leave, so that splits add up. What lies before the workspace was bound is the first payer's.
/// </remarks>
internal sealed class Rating(Regions regions, BillingDays days, Deployment deployment)
{
    private const string Unrounded = "r.exact + coalesce(c.residue, 0)";

    // Gives "rated". Division is dear: where a price by single unit ends within 16 decimals, it is multiplied. Keys that depend on the workspace alone are
    // grouped by with it, which saves joins afterwards.
    private const string Rated =
        """
        with price as materialized (
            select item, retention_days, region, aggregation, unit_quantity, price,
                case when round(price / unit_quantity, 16) * unit_quantity = price then trim_scale(round(price / unit_quantity, 16)) end as rate
            from (
                select distinct on (p.item, p.retention_days, p.region) p.item, p.retention_days, p.region, p.aggregation, p.unit_quantity, p.price
                from settlement.price p
                where p.version = @version and p.currency = @currency and p.effective_from <= @day
                order by p.item, p.retention_days, p.region, p.effective_from desc) latest),
        used as materialized (
            select u.workspace, u.item, u.retention_days, s.payer, s.account_id, s.region, s.seconds_alone, sum(u.quantity) as total, max(u.quantity) as highest
            from settlement.usage_hour u
            join unnest(@span_workspace, @span_payer, @span_from, @span_to, @span_account, @span_region, @span_alone)
                s(workspace, payer, from_at, to_at, account_id, region, seconds_alone)
                on s.workspace = u.workspace and u.part_from >= s.from_at and u.part_from < s.to_at
            where u.day = @day and {cells}
            group by u.workspace, u.item, u.retention_days, s.payer, s.account_id, s.region, s.seconds_alone),
        rated as (
            select u.workspace, u.account_id, u.item, u.retention_days, u.payer, q.quantity,
                case when p.aggregation = 'sum' then 1 else u.seconds_alone end as share_numerator,
                case when p.aggregation = 'sum' then 1 else u.seconds_alone end as share_denominator,
                p.unit_quantity, p.price, round(coalesce(q.quantity * p.rate, q.quantity * p.price / p.unit_quantity), 16) as exact
            from used u
            join price p on p.item = u.item and p.retention_days = u.retention_days and p.region = u.region
            cross join lateral (select case when p.aggregation = 'sum' then u.total else u.highest end as quantity) q
            where (p.aggregation = 'sum' or u.seconds_alone is not null) and q.quantity <> 0
            union all
            select g.workspace, s.account_id, g.item, g.retention_days, s.payer, g.quantity, s.numerator, s.denominator, g.unit_quantity, g.price,
                case when s.is_last
                    then g.charge - coalesce(sum(round(g.charge * s.numerator / s.denominator, 16)) filter (where not s.is_last)
                        over (partition by g.workspace, g.item, g.retention_days), 0)
                    else round(g.charge * s.numerator / s.denominator, 16) end
            from (
                select u.workspace, u.item, u.retention_days, max(u.highest) as quantity, p.unit_quantity, p.price,
                    round(max(u.highest) * p.price / p.unit_quantity, 16) as charge
                from used u
                join price p on p.item = u.item and p.retention_days = u.retention_days and p.region = u.region
                where p.aggregation = 'max' and u.seconds_alone is null
                group by u.workspace, u.item, u.retention_days, p.unit_quantity, p.price
                having max(u.highest) <> 0) g
            join unnest(@share_workspace, @share_payer, @share_account, @share_numerator, @share_denominator, @share_last)
                s(workspace, payer, account_id, numerator, denominator, is_last) on s.workspace = g.workspace)
        """;

    // What the adjusted day is rated at now, less what its lines and its earlier adjustments hold.
    private const string Difference =
        """
        ,
        held as (
            select l.workspace, l.account_id, l.item, l.retention_days, l.payer, sum(l.quantity) as quantity, sum(l.exact) as exact,
                max(l.unit_quantity) as unit_quantity, max(l.price) as price
            from (
                select * from settlement.bill_line where day = @day and adjusts_day is null and {lines}
                union all
                select * from settlement.bill_line where adjusts_day = @day and {lines}) l
            group by l.workspace, l.account_id, l.item, l.retention_days, l.payer),
        difference as (
            select workspace, account_id, item, retention_days, payer, coalesce(r.quantity, 0) - coalesce(h.quantity, 0) as quantity,
                coalesce(r.share_numerator, 1) as share_numerator, coalesce(r.share_denominator, 1) as share_denominator,
                coalesce(r.unit_quantity, h.unit_quantity) as unit_quantity, coalesce(r.price, h.price) as price,
                coalesce(r.exact, 0) - coalesce(h.exact, 0) as exact
            from rated r full join held h using (workspace, account_id, item, retention_days, payer)
            where coalesce(r.exact, 0) <> coalesce(h.exact, 0))
        """;

    private const string FirstFreeNumber =
        "(select coalesce(max(line_no), 0) from settlement.bill_line l where l.day = @bill_day and l.workspace = r.workspace) + ";

    // Npgsql writes these as -infinity and infinity.
    private static readonly DateTime Ever = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);
    private static readonly DateTime ForEver = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);

    // Vouchers cannot pay for these (rules §8).
    internal static readonly string[] ExcludedFromVouchers = ["sms", "synthetic-tests"];

    /// <summary>
    /// Makes the lines and bills of a day, carries what rounding leaves, and answers what each payer is to pay for each workspace. With
    /// <paramref name="adjusted"/>, the lines are what that earlier, closed day is charged now beyond what has been charged for it.
    /// </summary>
    /// <returns>Per workspace and payer.</returns>
    public async Task<IReadOnlyList<Charged>> ChargeAsync(
        NpgsqlConnection connection, IRatedWorkspaces workspaces, DateOnly day, DateOnly? adjusted, DateTimeOffset now, CancellationToken ct)
    {
        await using var charge = new NpgsqlCommand(
            $"""
            {Text(workspaces)}{(adjusted is null ? "" : DifferenceText(workspaces))},
            line as (
                insert into settlement.bill_line (
                    day, workspace, line_no, account_id, item, retention_days, payer, adjusts_day, quantity, share_numerator, share_denominator,
                    unit_quantity, price, price_version, exact, carry_in, amount, carry_out)
                select @bill_day, r.workspace, {(adjusted is null ? "" : FirstFreeNumber)}row_number() over (partition by r.workspace order by r.item, r.retention_days, r.payer),
                    r.account_id, r.item, r.retention_days, r.payer, @adjusted, r.quantity, r.share_numerator, r.share_denominator,
                    r.unit_quantity, r.price, @version, r.exact, coalesce(c.residue, 0), round({Unrounded}, 2), {Unrounded} - round({Unrounded}, 2)
                from {(adjusted is null ? "rated" : "difference")} r
                left join settlement.carry c
                    on c.workspace = r.workspace and c.item = r.item and c.retention_days = r.retention_days and c.payer = r.payer and {Cells("c", workspaces)}
                order by r.workspace, r.item, r.retention_days, r.payer
                returning workspace, account_id, item, retention_days, payer, amount, carry_in, carry_out),
            carried as (
                insert into settlement.carry (workspace, item, retention_days, payer, residue)
                select workspace, item, retention_days, payer, carry_out from line where carry_out <> carry_in
                on conflict (workspace, item, retention_days, payer) do update set residue = excluded.residue),
            charged as materialized (
                select l.workspace, l.account_id, l.payer, count(*) as lines,
                    coalesce(sum(l.amount) filter (where l.item <> all (@excluded)), 0) as eligible,
                    coalesce(sum(l.amount) filter (where l.item = any (@excluded)), 0) as excluded
                from line l group by l.workspace, l.account_id, l.payer),
            billed as (
                insert into settlement.bill as b (day, workspace, account_id, site, currency, total, closed_at)
                select @bill_day, c.workspace, c.account_id, w.site, @currency, sum(c.eligible + c.excluded), @now
                from charged c join unnest(@site_workspace, @site) w(workspace, site) on w.workspace = c.workspace
                group by c.workspace, c.account_id, w.site
                on conflict (day, workspace) do update set total = b.total + excluded.total)
            select workspace, account_id, payer, eligible, excluded, lines from charged
            """,
            connection);
        await AddParametersAsync(charge, connection, workspaces, adjusted ?? day, ct);
        charge.Parameters.AddWithValue("bill_day", day);
        charge.Parameters.Add(new("adjusted", NpgsqlDbType.Date) { Value = (object?)adjusted ?? DBNull.Value });
        charge.Parameters.AddWithValue("excluded", ExcludedFromVouchers);
        charge.Parameters.AddWithValue("now", now);
        await using var rows = await charge.ExecuteReaderAsync(ct);
        var charged = new List<Charged>();
        while (await rows.ReadAsync(ct))
        {
            charged.Add(new(rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetDecimal(3), rows.GetDecimal(4), rows.GetInt64(5)));
        }

        return charged;
    }

    /// <summary>What a workspace's item of a day is rated at now, by payer.</summary>
    public async Task<IReadOnlyList<RatedUsage>> RateAsync(NpgsqlConnection connection, Guid workspace, DateOnly day, string item, int retentionDays, CancellationToken ct)
    {
        var one = new TheseWorkspaces([workspace]);
        await using var rate = new NpgsqlCommand(
            $"""
            {Text(one)}
            select payer, trim_scale(quantity), share_numerator, share_denominator, exact from rated where item = @item and retention_days = @retention_days order by payer
            """,
            connection);
        await AddParametersAsync(rate, connection, one, day, ct);
        rate.Parameters.AddWithValue("item", item);
        rate.Parameters.AddWithValue("retention_days", retentionDays);
        await using var rows = await rate.ExecuteReaderAsync(ct);
        var rated = new List<RatedUsage>();
        while (await rows.ReadAsync(ct))
        {
            rated.Add(new(rows.GetString(0), rows.GetDecimal(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetDecimal(4)));
        }

        return rated;
    }

    /// <summary>
    /// Where the batch of workspaces ends that comes after one, up to an end; the last one takes in whatever usage lies up to there beyond the workspaces
    /// that are known.
    /// </summary>
    public static async Task<(Guid UpTo, bool IsLast)> BatchAfterAsync(NpgsqlConnection connection, Guid after, Guid end, int size, CancellationToken ct)
    {
        await using var next = new NpgsqlCommand(
            "select max(id), count(*) from (select id from settlement.mt_doc_workspacesettlement where id > $1 and id <= $2 order by id limit $3) batch", connection);
        next.Parameters.Add(new() { Value = ChargeIds.Workspace(after).Value });
        next.Parameters.Add(new() { Value = ChargeIds.Workspace(end).Value });
        next.Parameters.Add(new() { Value = size });
        await using var found = await next.ExecuteReaderAsync(ct);
        await found.ReadAsync(ct);
        return found.GetInt64(1) < size ? (end, true) : (WorkspaceId.Of(found.GetString(0)).Uuid(), false);
    }

    /// <summary>
    /// Where a closed day is rated at something else than its lines and their adjustments hold. What is known to have changed since, and what waits for an
    /// account to be repaired, is left out: a later bill charges it.
    /// </summary>
    public async Task<IReadOnlyList<UnchargedUsage>> UnchargedAsync(
        NpgsqlConnection connection, WorkspacesBetween workspaces, DateOnly day, CancellationToken ct)
    {
        await using var compare = new NpgsqlCommand(
            $"""
            {Text(workspaces)}{DifferenceText(workspaces)}
            select d.workspace, d.account_id, b.workspace is not null, coalesce(r.exact, 0), coalesce(h.exact, 0)
            from (select distinct workspace, account_id from difference) d
            left join settlement.bill b on b.day = @day and b.workspace = d.workspace
            left join (select workspace, sum(exact) as exact from rated group by workspace) r on r.workspace = d.workspace
            left join (select workspace, sum(exact) as exact from held group by workspace) h on h.workspace = d.workspace
            where exists (select from settlement.day_close c where c.day = @day and c.rated_at is not null)
                and not exists (select from settlement.usage_late l where l.day = @day and l.workspace = d.workspace)
                and not exists (select from settlement.parked_day p where p.day = @day and p.account_id = d.account_id)
            """,
            connection);
        await AddParametersAsync(compare, connection, workspaces, day, ct);
        await using var rows = await compare.ExecuteReaderAsync(ct);
        var uncharged = new List<UnchargedUsage>();
        while (await rows.ReadAsync(ct))
        {
            uncharged.Add(new(rows.GetGuid(0), rows.GetString(1), rows.GetBoolean(2), rows.GetDecimal(3), rows.GetDecimal(4)));
        }

        return uncharged;
    }

    private static string Text(IRatedWorkspaces workspaces) => Rated.Replace("{cells}", Cells("u", workspaces), StringComparison.Ordinal);

    private static string DifferenceText(IRatedWorkspaces workspaces) => Difference.Replace("{lines}", Cells("bill_line", workspaces), StringComparison.Ordinal);

    private static string Cells(string table, IRatedWorkspaces workspaces) => workspaces is WorkspacesBetween
        ? $"{table}.workspace > @after and {table}.workspace <= @up_to"
        : $"{table}.workspace = any (@workspaces)";

    private async Task AddParametersAsync(NpgsqlCommand command, NpgsqlConnection connection, IRatedWorkspaces workspaces, DateOnly day, CancellationToken ct)
    {
        await using (var version = new NpgsqlCommand("select max(version) from settlement.price_book_version", connection))
        {
            command.Parameters.AddWithValue("version", await version.ExecuteScalarAsync(ct) as int? ?? 0);
        }

        var parameters = command.Parameters;
        parameters.AddWithValue("currency", deployment.Currency.Value);
        parameters.AddWithValue("day", day);
        switch (workspaces)
        {
            case WorkspacesBetween between:
                parameters.AddWithValue("after", between.After);
                parameters.AddWithValue("up_to", between.UpTo);
                break;
            case TheseWorkspaces these:
                parameters.AddWithValue("workspaces", these.Workspaces.ToArray());
                break;
        }

        AddPayers(parameters, await WorkspacesAsync(connection, workspaces, ct), day);
    }

    private void AddPayers(NpgsqlParameterCollection parameters, IReadOnlyList<PaidWorkspace> workspaces, DateOnly day)
    {
        var (begins, ends) = (days.Begin(day), days.End(day));
        var shares = workspaces.SelectMany(w => Shares.Of(w.Payers, begins, ends), (workspace, share) => (Workspace: workspace, Share: share)).ToArray();
        // What lies before a workspace was bound is its first payer's. Parts begin within hours that begin within the day.
        var spans = workspaces.SelectMany(w => w.Payers, (workspace, span) => (Workspace: workspace, Span: span, IsFirst: ReferenceEquals(span, workspace.Payers[0])))
            .Where(span => (span.IsFirst || span.Span.From < ends.AddHours(1)) && (span.Span.To is null || span.Span.To > begins)).ToArray();
        var several = spans.Where(span => !span.IsFirst && span.Span.From > begins).Select(span => span.Workspace.Workspace).ToHashSet();
        var alone = shares.Where(share => !several.Contains(share.Workspace.Workspace)).ToDictionary(share => share.Workspace.Workspace, share => share.Share.Numerator);
        parameters.AddWithValue("span_workspace", Array.ConvertAll(spans, span => span.Workspace.Workspace));
        parameters.AddWithValue("span_payer", Array.ConvertAll(spans, span => span.Span.Payer));
        parameters.AddWithValue("span_from", Array.ConvertAll(spans, span => span.IsFirst ? Ever : span.Span.From.UtcDateTime));
        parameters.AddWithValue("span_to", Array.ConvertAll(spans, span => span.Span.To?.UtcDateTime ?? ForEver));
        parameters.AddWithValue("span_account", Array.ConvertAll(spans, span => span.Workspace.AccountId));
        parameters.AddWithValue("span_region", Array.ConvertAll(spans, span => regions.Find(span.Workspace.Site) ?? ""));
        parameters.AddWithValue("span_alone", Array.ConvertAll(spans, span => alone.TryGetValue(span.Workspace.Workspace, out var seconds) ? seconds : (long?)null));
        var split = shares.Where(share => !alone.ContainsKey(share.Workspace.Workspace)).ToArray();
        parameters.AddWithValue("share_workspace", Array.ConvertAll(split, share => share.Workspace.Workspace));
        parameters.AddWithValue("share_payer", Array.ConvertAll(split, share => share.Share.Payer));
        parameters.AddWithValue("share_account", Array.ConvertAll(split, share => share.Workspace.AccountId));
        parameters.AddWithValue("share_numerator", Array.ConvertAll(split, share => share.Share.Numerator));
        parameters.AddWithValue("share_denominator", Array.ConvertAll(split, share => share.Share.Denominator));
        parameters.AddWithValue("share_last", Array.ConvertAll(split, share => share.Share.IsLast));
        parameters.AddWithValue("site_workspace", workspaces.Select(workspace => workspace.Workspace).ToArray());
        parameters.AddWithValue("site", workspaces.Select(workspace => workspace.Site).ToArray());
    }

    private static async Task<IReadOnlyList<PaidWorkspace>> WorkspacesAsync(NpgsqlConnection connection, IRatedWorkspaces workspaces, CancellationToken ct)
    {
        await using var read = new NpgsqlCommand { Connection = connection };
        var which = workspaces is WorkspacesBetween ? "id > $1 and id <= $2 and account_key <> all ($3)" : "id = any ($1)";
        read.CommandText = $"select id, account_key, data ->> 'siteKey', data ->> 'payers' from settlement.mt_doc_workspacesettlement where {which}";
        switch (workspaces)
        {
            case WorkspacesBetween between:
                read.Parameters.Add(new() { Value = ChargeIds.Workspace(between.After).Value });
                read.Parameters.Add(new() { Value = ChargeIds.Workspace(between.UpTo).Value });
                read.Parameters.Add(new() { Value = between.ButOfAccounts });
                break;
            case TheseWorkspaces these:
                read.Parameters.Add(new() { Value = these.Workspaces.Select(workspace => ChargeIds.Workspace(workspace).Value).ToArray() });
                break;
        }

        await using var rows = await read.ExecuteReaderAsync(ct);
        var found = new List<PaidWorkspace>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                WorkspaceId.Of(rows.GetString(0)).Uuid(), rows.GetString(1), rows.GetString(2),
                JsonSerializer.Deserialize<PayerSpan[]>(
                    rows.IsDBNull(3) ? throw new InvalidOperationException($"{rows.GetString(0)} was kept before payers were: stop the nodes and run 'Guance.Billing.Host rebuild'.") : rows.GetString(3),
                    JsonSerializerOptions.Web)!));
        }

        return found;
    }

    private sealed record PaidWorkspace(Guid Workspace, string AccountId, string Site, PayerSpan[] Payers);
}

/// <summary>What a payer is to pay of a workspace's bill.</summary>
internal sealed record Charged(Guid Workspace, string AccountId, string Payer, decimal Eligible, decimal Excluded, long Lines);

/// <summary>A workspace's day that is rated at something else than was charged for it.</summary>
internal sealed record UnchargedUsage(Guid Workspace, string AccountId, bool HasBill, decimal Rated, decimal Charged);

/// <summary>What an item of a day is rated at for a payer.</summary>
internal sealed record RatedUsage(string Payer, decimal Quantity, long ShareNumerator, long ShareDenominator, decimal Exact);
