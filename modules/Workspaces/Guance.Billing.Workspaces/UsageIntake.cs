using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.Jobs;

namespace Guance.Billing.Workspaces;

/// <summary>What became of the events of a batch.</summary>
/// <param name="Accepted">How many are new.</param>
/// <param name="Duplicates">How many had been accepted before, with the same content.</param>
/// <param name="Codes">For each event what is wrong with it, or null.</param>
internal sealed record UsageTaken(int Accepted, int Duplicates, IReadOnlyList<string?> Codes);

/// <summary>
/// Takes usage events within the open transaction: each once and for ever, and adds them to the totals (rules §7). What is wrong with the
/// others is answered; keeping them is the caller's.
/// </summary>
internal sealed class UsageIntake(UnitOfWork work, UsageTables tables, ItemCatalogs catalogs, ITicks ticks, TimeProvider clock)
{
    /// <exception cref="BillingRefusal"><c>item-catalog-missing</c></exception>
    public async Task<UsageTaken> TakeAsync(UsageBatch batch, CancellationToken ct)
    {
        var codes = new string?[batch.Events.Length];
        var order = Sort(batch, codes);
        var (from, to) = Span(batch, order);
        var facts = await tables.ReadAsync(Keys(batch, order), Workspaces(batch, order), from, to, ct);
        if (facts.CatalogVersion is not { } version)
        {
            throw new BillingRefusal(
                RefusalKind.Unavailable, "item-catalog-missing",
                "This site has not been told yet what may be metered: nothing was taken. Send the same again in a minute.");
        }

        var catalog = await catalogs.OfAsync(version, work.Connection, work.Transaction, ct);
        var (accepted, duplicates) = Decide(batch, order, facts, catalog, codes, clock.GetUtcNow());
        if (accepted.Count > 0)
        {
            var (events, cells) = Columns(batch, accepted, facts.Cuts);
            await tables.WriteAsync(events, cells, ct);
            work.AfterCommit(() => ticks.Poke(TellUsageJob.Id));
        }

        return new(accepted.Count, duplicates, codes);
    }

    /// <summary>
    /// The well-formed events in the order of their keys, equal ones as they came. All write in this order, so that of two who send the same
    /// events the second waits and neither locks out the other.
    /// </summary>
    private static int[] Sort(UsageBatch batch, string?[] codes)
    {
        var events = batch.Events;
        var keys = new (Guid Key, int Index)[events.Length];
        var count = 0;
        for (var i = 0; i < events.Length; i++)
        {
            codes[i] = events[i].Code;
            if (codes[i] is null)
            {
                keys[count++] = (events[i].Key, i);
            }
        }

        Array.Sort(keys, 0, count);
        return [.. keys.AsSpan(0, count).ToArray().Select(key => key.Index)];
    }

    private static Guid[] Keys(UsageBatch batch, int[] order)
    {
        var keys = new Guid[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            keys[i] = batch.Events[order[i]].Key;
        }

        return keys;
    }

    private static Guid[] Workspaces(UsageBatch batch, int[] order)
    {
        var workspaces = new HashSet<Guid>();
        foreach (var index in order)
        {
            workspaces.Add(batch.Events[index].Workspace);
        }

        return [.. workspaces];
    }

    /// <summary>From the beginning of the first hour to the last event: where cuts would matter.</summary>
    private static (DateTime From, DateTime To) Span(UsageBatch batch, int[] order)
    {
        var (from, to) = (DateTime.MaxValue, DateTime.MinValue);
        foreach (var index in order)
        {
            var time = batch.Events[index].Time;
            (from, to) = (time < from ? time : from, time > to ? time : to);
        }

        return order.Length == 0 ? (DateTime.UnixEpoch, DateTime.UnixEpoch) : (HourOf(from), to);
    }

    private static (List<(int Index, MeteredItem Item, int Retention)> Accepted, int Duplicates) Decide(
        UsageBatch batch, int[] order, UsageFacts facts, ItemCatalog catalog, string?[] codes, DateTimeOffset now)
    {
        var events = batch.Events;
        var accepted = new List<(int Index, MeteredItem Item, int Retention)>(order.Length);
        var duplicates = 0;
        foreach (var index in order)
        {
            ref readonly var e = ref events[index];
            var isKnown = facts.Known.TryGetValue(e.Key, out var content);
            if (!isKnown && accepted.Count > 0 && events[accepted[^1].Index].Key == e.Key)
            {
                (isKnown, content) = (true, events[accepted[^1].Index].Content);
            }

            // A repetition is one whatever the site would say to it by now.
            if (isKnown)
            {
                if (content == e.Content)
                {
                    duplicates++;
                }
                else
                {
                    codes[index] = UsageRules.EventIdReused;
                }

                continue;
            }

            var window = facts.Workspaces.GetValueOrDefault(e.Workspace, UsageWindow.None);
            var item = catalog.Items.GetValueOrDefault(e.Item);
            var retention = item is null ? null : UsageRules.Retention(item, e.Retention);
            codes[index] = window.CreatedAt is null ? UsageRules.UnknownWorkspace
                : item is null ? UsageRules.UnknownItem
                : retention is null ? UsageRules.UnknownRetention
                : UsageRules.Refusal(window, new DateTimeOffset(e.Time), now);
            if (codes[index] is null)
            {
                accepted.Add((index, item!, retention!.Value));
            }
        }

        return (accepted, duplicates);
    }

    private static (EventColumns Events, CellColumns Cells) Columns(
        UsageBatch batch, List<(int Index, MeteredItem Item, int Retention)> accepted, ILookup<Guid, DateTime> cuts)
    {
        var columns = new EventColumns(accepted.Count);
        var totals = new Dictionary<UsageCell, (bool IsGauge, decimal Quantity)>(accepted.Count);
        for (var i = 0; i < accepted.Count; i++)
        {
            var (index, item, retention) = accepted[i];
            ref readonly var e = ref batch.Events[index];
            columns.Keys[i] = e.Key;
            columns.Contents[i] = e.Content;
            columns.Workspaces[i] = e.Workspace;
            columns.Times[i] = e.Time;
            columns.Quantities[i] = e.Quantity;
            columns.Retentions[i] = retention;
            columns.Items[i] = item.Code;
            columns.Ids[i] = e.Id;

            var hour = HourOf(e.Time);
            var cell = new UsageCell(e.Workspace, hour, item.Code, retention, cuts.Count == 0 ? hour : PartOf(hour, e.Time, cuts[e.Workspace]));
            var isGauge = item.Aggregation is ItemAggregation.Max;
            ref var total = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(totals, cell, out _);
            total = (isGauge, isGauge ? Math.Max(total.Quantity, e.Quantity) : total.Quantity + e.Quantity);
        }

        return (columns, Columns(totals));
    }

    private static CellColumns Columns(Dictionary<UsageCell, (bool IsGauge, decimal Quantity)> totals)
    {
        var cells = totals.Keys.ToArray();
        Array.Sort(cells, UsageCell.Compare);
        var columns = new CellColumns(cells.Length);
        for (var i = 0; i < cells.Length; i++)
        {
            var total = totals[cells[i]];
            columns.Workspaces[i] = cells[i].Workspace;
            columns.Hours[i] = cells[i].Hour;
            columns.Items[i] = cells[i].Item;
            columns.Retentions[i] = cells[i].Retention;
            columns.Parts[i] = cells[i].PartFrom;
            columns.AreGauges[i] = total.IsGauge;
            columns.Quantities[i] = total.Quantity;
        }

        return columns;
    }

    private static DateTime HourOf(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc);

    /// <summary>The last cut within the hour that is not after the time; the hour's beginning where there is none.</summary>
    private static DateTime PartOf(DateTime hour, DateTime time, IEnumerable<DateTime> cuts)
    {
        var part = hour;
        foreach (var cut in cuts)
        {
            part = cut > part && cut <= time ? cut : part;
        }

        return part;
    }
}
