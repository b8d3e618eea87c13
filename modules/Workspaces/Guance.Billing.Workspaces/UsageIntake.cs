using System.Runtime.InteropServices;
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
    private static readonly IReadOnlyDictionary<Guid, long> NoneKnown = new Dictionary<Guid, long>();
    private bool isRepeated;

    /// <exception cref="BillingRefusal"><c>item-catalog-missing</c></exception>
    public async Task<UsageTaken> TakeAsync(UsageBatch batch, CancellationToken ct)
    {
        var codes = new string?[batch.Events.Length];
        var order = Sort(batch, codes);
        var (from, to) = Span(batch, order);
        var facts = await tables.ReadAsync(Workspaces(batch, order), from, to, ct);
        if (facts.CatalogVersion is not { } version)
        {
            throw new BillingRefusal(
                RefusalKind.Unavailable, "item-catalog-missing",
                "This site has not been told yet what may be metered: nothing was taken. Send the same again in a minute.");
        }

        var catalog = await catalogs.OfAsync(version, work.Connection, work.Transaction, ct);
        // Nearly always all are new. Who finds a key taken is run again (it is a conflict as any other), and then reads which are known; so does
        // who would refuse an event, since it may be a repetition.
        var known = isRepeated ? await tables.KnownAsync(Keys(batch, order), ct) : NoneKnown;
        var now = clock.GetUtcNow();
        var (accepted, duplicates) = Decide(batch, order, facts, known, catalog, codes, now);
        if (!isRepeated && accepted.Keys.Count + duplicates < order.Length)
        {
            known = await tables.KnownAsync(Keys(batch, order), ct);
            (accepted, duplicates) = Decide(batch, order, facts, known, catalog, codes, now);
        }

        isRepeated = true;
        if (accepted.Keys.Count > 0)
        {
            var (hours, cells) = Columns(batch, accepted, facts.Cuts);
            await tables.WriteAsync(accepted.Keys, accepted.Contents, hours, cells, ct);
            work.AfterCommit(() => ticks.Poke(TellUsageJob.Id));
        }

        return new(accepted.Keys.Count, duplicates, codes);
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

    private static (Accepted Accepted, int Duplicates) Decide(
        UsageBatch batch, int[] order, UsageFacts facts, IReadOnlyDictionary<Guid, long> known, ItemCatalog catalog, string?[] codes, DateTimeOffset now)
    {
        var events = batch.Events;
        var accepted = new Accepted(events.Length);
        var duplicates = 0;
        foreach (var index in order)
        {
            ref readonly var e = ref events[index];
            codes[index] = null;
            var isKnown = known.TryGetValue(e.Key, out var content);
            if (!isKnown && accepted.Keys.Count > 0 && accepted.Keys[^1] == e.Key)
            {
                (isKnown, content) = (true, accepted.Contents[^1]);
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
                accepted.Keys.Add(e.Key);
                accepted.Contents.Add(e.Content);
                accepted.As[index] = (item!, retention!.Value);
            }
        }

        return (accepted, duplicates);
    }

    /// <summary>The events by their hours, in the order in which they came: equal things lie closer together than in the order of keys.</summary>
    private static (IReadOnlyCollection<EventColumns> Hours, CellColumns Cells) Columns(UsageBatch batch, Accepted accepted, ILookup<Guid, DateTime> cuts)
    {
        var hours = new Dictionary<DateTime, EventColumns>();
        var totals = new Dictionary<UsageCell, (bool IsGauge, decimal Quantity)>(accepted.Keys.Count);
        for (var i = 0; i < accepted.As.Length; i++)
        {
            var (item, retention) = accepted.As[i];
            if (item is null)
            {
                continue;
            }

            ref readonly var e = ref batch.Events[i];
            var hour = HourOf(e.Time);
            ref var columns = ref CollectionsMarshal.GetValueRefOrAddDefault(hours, hour, out _);
            columns ??= new(hour);
            columns.Workspaces.Add(e.Workspace);
            columns.Times.Add(e.Time);
            columns.Quantities.Add(e.Quantity);
            columns.Retentions.Add(retention);
            columns.Items.Add(item.Code);
            columns.Ids.Add(e.Id);

            var cell = new UsageCell(e.Workspace, hour, item.Code, retention, cuts.Count == 0 ? hour : PartOf(hour, e.Time, cuts[e.Workspace]));
            var isGauge = item.Aggregation is ItemAggregation.Max;
            ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(totals, cell, out _);
            total = (isGauge, isGauge ? Math.Max(total.Quantity, e.Quantity) : total.Quantity + e.Quantity);
        }

        return (hours.Values, Columns(totals));
    }

    private static CellColumns Columns(Dictionary<UsageCell, (bool IsGauge, decimal Quantity)> totals)
    {
        var columns = new CellColumns(totals.Count);
        foreach (var (i, (cell, total)) in totals.Index())
        {
            columns.Workspaces[i] = cell.Workspace;
            columns.Hours[i] = cell.Hour;
            columns.Items[i] = cell.Item;
            columns.Retentions[i] = cell.Retention;
            columns.Parts[i] = cell.PartFrom;
            columns.AreGauges[i] = total.IsGauge;
            columns.Quantities[i] = total.Quantity;
        }

        return columns;
    }

    /// <summary>What is taken of a batch: keys and contents in the order of keys, and for each of the batch's events as what it counts, or nothing.</summary>
    private sealed class Accepted(int events)
    {
        public List<Guid> Keys { get; } = new(events);

        public List<long> Contents { get; } = new(events);

        public (MeteredItem? Item, int Retention)[] As { get; } = new (MeteredItem?, int)[events];
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
