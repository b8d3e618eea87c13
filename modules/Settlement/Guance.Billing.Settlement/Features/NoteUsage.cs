using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using MediatR;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.Features;

/// <summary>Sites told totals, oldest telling first: each replaces what an earlier telling said of its cell. Again: nothing changes.</summary>
internal sealed record NoteUsageTotals(IReadOnlyList<UsageTotalsToldIntegrationEvent> Tellings) : ICommand;

internal sealed class NoteUsageTotalsHandler(UnitOfWork work, BillingDays days, Regions regions, Deployment deployment) : ICommandHandler<NoteUsageTotals>
{
    // Cells that go to the server in one statement.
    private const int CellsMax = 20_000;

    public async Task<Unit> Handle(NoteUsageTotals request, CancellationToken cancellationToken)
    {
        await UsageLock.HoldSharedAsync(work, cancellationToken);
        foreach (var chunk in request.Tellings.SelectMany(told => told.Totals, (told, total) => (told, total)).Chunk(CellsMax))
        {
            await NoteAsync(chunk, cancellationToken);
        }

        return Unit.Value;
    }

    private async Task NoteAsync((UsageTotalsToldIntegrationEvent Told, UsageTotal Total)[] cells, CancellationToken ct)
    {
        await using var note = new NpgsqlCommand(
            """
            with told as materialized (
                select distinct on (t.day, t.workspace, t.item, t.retention_days, t.hour, t.part_from) t.*, d.data ->> 'siteKey' as own_site
                from unnest(@day, @workspace, @item, @retention_days, @hour, @part_from, @quantity, @site, @told, @at)
                    with ordinality t(day, workspace, item, retention_days, hour, part_from, quantity, site, told, at, number)
                left join settlement.mt_doc_workspacesettlement d on d.id = 'wksp_' || replace(t.workspace::text, '-', '')
                order by t.day, t.workspace, t.item, t.retention_days, t.hour, t.part_from, t.told desc, t.number desc),
            noted as (
                insert into settlement.usage_hour as u (day, workspace, item, retention_days, hour, part_from, quantity, told)
                select day, workspace, item, retention_days, hour, part_from, quantity, told from told
                where own_site is null or own_site = site
                order by day, workspace, item, retention_days, hour, part_from
                on conflict (day, workspace, item, retention_days, hour, part_from) do update set quantity = excluded.quantity, told = excluded.told
                where excluded.told > u.told
                returning day, workspace, item, retention_days, hour, part_from),
            late as (
                insert into settlement.usage_late (workspace, day)
                select distinct workspace, day from noted where day <= (select max(day) from settlement.day_close)
                order by workspace, day
                -- Written though it is there: the row is held, so that no run takes it before this has committed.
                on conflict (workspace, day) do update set day = excluded.day)
            insert into settlement.usage_quarantine as q (site, workspace, item, code, count, first_at, last_at)
            select site, 'wksp_' || replace(workspace::text, '-', ''), item, code, count(*), min(at), max(at)
            from (
                select t.*, case
                    when own_site is null then @unknown
                    when own_site <> site then @foreign
                    when not exists (
                        select from settlement.price p
                        where p.version = (select max(version) from settlement.price_book_version) and p.item = t.item and p.retention_days = t.retention_days
                            and p.currency = @currency and p.region = (select r.region from unnest(@sites, @regions) r(site, region) where r.site = t.site)) then @unpriced
                    end as code
                from told t left join noted n using (day, workspace, item, retention_days, hour, part_from)
                where n.day is not null or own_site <> site) kept
            where code is not null
            group by site, workspace, item, code
            on conflict (site, workspace, item, code) do update
            set count = q.count + excluded.count, first_at = least(q.first_at, excluded.first_at), last_at = greatest(q.last_at, excluded.last_at)
            """,
            work.Connection, work.Transaction);
        note.Parameters.AddWithValue("day", Array.ConvertAll(cells, cell => days.Of(cell.Total.Hour)));
        note.Parameters.AddWithValue("workspace", Array.ConvertAll(cells, cell => cell.Total.WorkspaceId.Uuid()));
        note.Parameters.AddWithValue("item", Array.ConvertAll(cells, cell => cell.Total.Item));
        note.Parameters.AddWithValue("retention_days", Array.ConvertAll(cells, cell => cell.Total.RetentionDays));
        note.Parameters.AddWithValue("hour", Array.ConvertAll(cells, cell => cell.Total.Hour.ToUniversalTime()));
        note.Parameters.AddWithValue("part_from", Array.ConvertAll(cells, cell => cell.Total.PartFrom.ToUniversalTime()));
        note.Parameters.AddWithValue("quantity", NpgsqlDbType.Array | NpgsqlDbType.Numeric, Array.ConvertAll(cells, cell => cell.Total.Quantity));
        note.Parameters.AddWithValue("site", Array.ConvertAll(cells, cell => cell.Told.Site.Value));
        note.Parameters.AddWithValue("told", Array.ConvertAll(cells, cell => cell.Told.SourceVersion));
        note.Parameters.AddWithValue("at", Array.ConvertAll(cells, cell => cell.Told.OccurredAt.ToUniversalTime()));
        note.Parameters.AddWithValue("currency", deployment.Currency.Value);
        note.Parameters.AddWithValue("sites", regions.Sites);
        note.Parameters.AddWithValue("regions", regions.Names);
        note.Parameters.AddWithValue("unknown", QuarantineCodes.UnknownWorkspace);
        note.Parameters.AddWithValue("foreign", QuarantineCodes.WorkspaceOfAnotherSite);
        note.Parameters.AddWithValue("unpriced", QuarantineCodes.NoPrice);
        await note.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>Why the Billing Center cannot charge usage that a site told. It is kept all the same, but for another site's.</summary>
internal static class QuarantineCodes
{
    public const string UnknownWorkspace = "unknown-workspace-at-billing-center";
    public const string NoPrice = "no-price-at-billing-center";

    /// <summary>Not kept: a site speaks for its own workspaces alone.</summary>
    public const string WorkspaceOfAnotherSite = "workspace-of-another-site";
}

/// <summary>Sites told up to when they have told everything. An earlier instant changes nothing.</summary>
internal sealed record NoteUsageToldThrough(IReadOnlyList<UsageToldThroughIntegrationEvent> Tellings) : ICommand;

internal sealed class NoteUsageToldThroughHandler(UnitOfWork work) : ICommandHandler<NoteUsageToldThrough>
{
    public async Task<Unit> Handle(NoteUsageToldThrough request, CancellationToken cancellationToken)
    {
        await using var note = work.Command(
            """
            insert into settlement.usage_watermark as w (site, told_through)
            select site, max(through) from unnest($1, $2) t(site, through) group by site order by site
            on conflict (site) do update set told_through = greatest(w.told_through, excluded.told_through)
            """,
            request.Tellings.Select(told => told.Site.Value).ToArray(), request.Tellings.Select(told => told.Through.ToUniversalTime()).ToArray());
        await note.ExecuteNonQueryAsync(cancellationToken);
        return Unit.Value;
    }
}

/// <summary>Sites told what waits in their quarantines, by kind; the last word on a kind holds.</summary>
internal sealed record NoteQuarantinedUsage(IReadOnlyList<UsageQuarantinedIntegrationEvent> Tellings) : ICommand;

internal sealed class NoteQuarantinedUsageHandler(UnitOfWork work) : ICommandHandler<NoteQuarantinedUsage>
{
    public async Task<Unit> Handle(NoteQuarantinedUsage request, CancellationToken cancellationToken)
    {
        var kinds = request.Tellings.SelectMany(told => told.Kinds, (told, kind) => (Site: told.Site.Value, Kind: kind))
            .GroupBy(row => (row.Site, row.Kind.WorkspaceId, row.Kind.Item, row.Kind.Code)).Select(same => same.Last())
            .OrderBy(row => (row.Site, row.Kind.WorkspaceId, row.Kind.Item, row.Kind.Code)).ToArray();
        await using var note = work.Command(
            """
            with kinds as (select * from unnest($1, $2, $3, $4, $5, $6, $7) k(site, workspace, item, code, count, first_at, last_at)),
            gone as (
                delete from settlement.usage_quarantine q using kinds k
                where k.count = 0 and (q.site, q.workspace, q.item, q.code) = (k.site, k.workspace, k.item, k.code))
            insert into settlement.usage_quarantine (site, workspace, item, code, count, first_at, last_at)
            select * from kinds where count > 0
            on conflict (site, workspace, item, code) do update set count = excluded.count, first_at = excluded.first_at, last_at = excluded.last_at
            """,
            Array.ConvertAll(kinds, row => row.Site), Array.ConvertAll(kinds, row => row.Kind.WorkspaceId), Array.ConvertAll(kinds, row => row.Kind.Item),
            Array.ConvertAll(kinds, row => row.Kind.Code), Array.ConvertAll(kinds, row => row.Kind.Count),
            Array.ConvertAll(kinds, row => row.Kind.FirstAt.ToUniversalTime()), Array.ConvertAll(kinds, row => row.Kind.LastAt.ToUniversalTime()));
        await note.ExecuteNonQueryAsync(cancellationToken);
        return Unit.Value;
    }
}

/// <summary>
/// Who pays for workspaces changed at an instant: closed days from then on are rated again, since such a fact may come late. What they are charged
/// beyond, or less, comes on the next bill.
/// </summary>
internal sealed record NotePayerChanges(IReadOnlyList<(WorkspaceId Workspace, DateTimeOffset At)> Changes) : ICommand;

internal sealed class NotePayerChangesHandler(UnitOfWork work, BillingDays days) : ICommandHandler<NotePayerChanges>
{
    public async Task<Unit> Handle(NotePayerChanges request, CancellationToken cancellationToken)
    {
        await using var note = work.Command(
            """
            insert into settlement.usage_late (workspace, day)
            select distinct c.workspace, d.day
            from unnest($1, $2) c(workspace, day)
            join settlement.day_close d on d.day >= c.day
            where exists (select from settlement.usage_hour u where u.day = d.day and u.workspace = c.workspace)
            order by 1, 2
            on conflict (workspace, day) do update set day = excluded.day
            """,
            request.Changes.Select(change => change.Workspace.Uuid()).ToArray(), request.Changes.Select(change => days.Of(change.At)).ToArray());
        await note.ExecuteNonQueryAsync(cancellationToken);
        return Unit.Value;
    }
}
