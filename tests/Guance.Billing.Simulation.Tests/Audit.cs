using System.Text.Json;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Simulation.Tests;

/// <summary>The invariants (rules §5-§9), looked at from outside: by what was sent, and by the logs, not by what the deployments believe.</summary>
internal sealed class Audit(Timetable timetable, Center center, IReadOnlyList<Site> sites, IReadOnlyList<Customer> customers, IReadOnlyList<Price> prices)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(2);
    private readonly List<(SubscriptionClosed Closed, DateTimeOffset At)> closed = [];
    private readonly Dictionary<string, int> heardTo = new(StringComparer.Ordinal);
    private int closedTo;
    private readonly Dictionary<string, DateTimeOffset> reachedSince = sites.ToDictionary(site => site.Code, _ => timetable.Now, StringComparer.Ordinal);

    /// <summary>What must hold at any time.</summary>
    public void Look()
    {
        foreach (var site in sites.Where(site => site.IsCutOff))
        {
            reachedSince[site.Code] = timetable.Now;
        }

        NobodyPaysMoreThanIsOwed();
        LocksComeInTime();
    }

    /// <summary>What must hold once all has become quiet.</summary>
    public void LookAtTheEnd()
    {
        Look();
        EveryAcknowledgedEventIsThere();
        EveryDayIsChargedAsItWasUsed();
        EveryBillIsPaidOnce();
        CloudsAreToldWhatTheyOwe();
        ClosingsAreCompletedAndSitesKnowWhatTheBillingCenterKnows();
        RebuildingGivesTheSame();
    }

    private void NobodyPaysMoreThanIsOwed()
    {
        foreach (var purchase in center.Market.Purchases.Where(purchase => purchase.Collected > 0))
        {
            var most = center.Charges.GetValueOrDefault(purchase.InstanceId!)?.MostStated ?? 0;
            Hold(purchase.Collected <= most, "no market takes more than is owed", $"{purchase.InstanceId} was told {purchase.Collected}, but {most} is the most that was ever owed.");
        }
    }

    private void LocksComeInTime()
    {
        for (; closedTo < center.Log.All.Count; closedTo++)
        {
            if (center.Log.All[closedTo] is { Data: SubscriptionClosed one, At: var at })
            {
                closed.Add((one, at));
            }
        }

        var overdue = closed.Where(one => one.At < timetable.Now - Deadline).Select(one => one.Closed.Instance.ToString()).ToHashSet(StringComparer.Ordinal);
        var linked = center.Log.States<WorkspaceSettlement>().FirstOrDefault(workspace => workspace.InstanceKey is { } key && overdue.Contains(key));
        Hold(linked is null, "every workspace of a closed subscription is locked in time", $"{linked?.Id} is still settled by {linked?.InstanceKey}.");

        foreach (var site in sites)
        {
            var by = timetable.Now - Deadline;
            if (reachedSince[site.Code] > by)
            {
                continue;
            }

            // What a site has noted once it never forgets, so each fact is looked at until then.
            var from = heardTo.GetValueOrDefault(site.Code);
            for (; from < center.Log.All.Count && center.Log.All[from].At < by; from++)
            {
                var fact = center.Log.All[from];
                Hold(fact.Told is not IWorkspaceSettlementFact told || told.Site.Value != site.Code || site.VersionOf(fact.Stream) >= fact.Version,
                    "sites hear in time", $"{site.Code} has not noted version {fact.Version} of {fact.Stream} of {fact.At:u}.");
            }

            heardTo[site.Code] = from;
        }
    }

    private void EveryAcknowledgedEventIsThere()
    {
        foreach (var id in customers.SelectMany(customer => customer.Acknowledged))
        {
            Hold(sites.Any(site => site.Accepted.ContainsKey(id) || site.Quarantined.Contains(id)), "nothing acknowledged is missing", $"event {id} is at no site.");
        }

        var used = center.Usage.GroupBy(cell => (cell.Key.Workspace, cell.Key.Item, cell.Key.Hour)).ToDictionary(hour => hour.Key, hour => hour.Select(cell => cell.Value.Quantity).ToArray());
        foreach (var hour in sites.SelectMany(site => site.Accepted.Values).GroupBy(e => (e.Workspace, e.Item, Hour: new DateTimeOffset(e.Time.UtcTicks - (e.Time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero))))
        {
            var isGauge = hour.First().IsGauge;
            var (expected, parts) = (isGauge ? hour.Max(e => e.Quantity) : hour.Sum(e => e.Quantity), used.GetValueOrDefault(hour.Key, []));
            var found = parts.Length == 0 ? 0 : isGauge ? parts.Max() : parts.Sum();
            Hold(expected == found, "nothing acknowledged is missing", $"{hour.Key.Item} of {hour.Key.Workspace} at {hour.Key.Hour:u}: sites took {expected}, the Billing Center knows {found}.");
        }
    }

    /// <summary>Counted usage is charged to who pays at the time of each event, found anew from the log; gauges are charged once a day in all.</summary>
    private void EveryDayIsChargedAsItWasUsed()
    {
        var closedAt = center.Log.All.Select(fact => fact.Data).OfType<SubscriptionClosed>().ToDictionary(closed => closed.Instance.ToString(), closed => closed.At, StringComparer.Ordinal);
        var expected = new Dictionary<(string Workspace, DateOnly Day, string Item, string Payer), decimal>();
        foreach (var day in sites.SelectMany(site => site.Accepted.Values).GroupBy(e => (e.Workspace, Day: Center.DayOf(e.Time), e.Item, e.RetentionDays)).Where(day => day.Key.Day <= center.LastClosed))
        {
            var price = PriceBook.At(prices.Where(price => price.Key() == new PriceKey(day.Key.Item, day.Key.RetentionDays, "CNY", "china")), day.Key.Day)!;
            foreach (var payer in day.First().IsGauge ? day.GroupBy(_ => "anybody") : day.GroupBy(e => PayerAt(e.Workspace, e.Time)))
            {
                Hold(payer.All(e => !closedAt.TryGetValue(payer.Key, out var at) || e.Time < at), "nothing accrues to a closed subscription", $"{day.Key.Item} of {day.Key.Workspace} on {day.Key.Day:yyyy-MM-dd} for {payer.Key}.");
                var quantity = day.First().IsGauge ? payer.Max(e => e.Quantity) : payer.Sum(e => e.Quantity);
                expected[(day.Key.Workspace, day.Key.Day, day.Key.Item, payer.Key)] = quantity * price.Amount / price.UnitQuantity;
            }
        }

        var gauges = sites.SelectMany(site => site.Accepted.Values).Where(e => e.IsGauge).Select(e => e.Item).ToHashSet(StringComparer.Ordinal);
        var charged = center.Lines.GroupBy(line => (line.Workspace, Day: line.UsageDay, line.Item, Payer: gauges.Contains(line.Item) ? "anybody" : line.Payer))
            .ToDictionary(line => line.Key, line => line.Sum(one => one.Exact));
        foreach (var key in expected.Keys.Union(charged.Keys))
        {
            Hold(Math.Abs(expected.GetValueOrDefault(key) - charged.GetValueOrDefault(key)) < 0.000_000_000_001m, "every day is charged as it was used",
                $"{key.Item} of {key.Workspace} on {key.Day:yyyy-MM-dd} comes to {expected.GetValueOrDefault(key)} for {key.Payer}, but {charged.GetValueOrDefault(key)} was charged.");
        }

        foreach (var rounded in center.Lines.GroupBy(line => (line.Workspace, line.Item, line.RetentionDays, line.Payer)))
        {
            var (exact, told) = (rounded.Sum(line => line.Exact), rounded.Sum(line => line.Amount) + center.Carried.GetValueOrDefault(rounded.Key));
            Hold(exact == told, "what rounding leaves is carried", $"{rounded.Key.Item} of {rounded.Key.Workspace} for {rounded.Key.Payer}: exactly {exact}, billed and carried {told}.");
        }
    }

    private string PayerAt(string workspace, DateTimeOffset time)
    {
        // Read from the log anew and not from the state: every method says from when it holds, the last word about an instant wins; any lock makes the account pay.
        string? payer = null;
        string first = "";
        var locks = new List<(LockReason Reason, DateTimeOffset From, DateTimeOffset? To)>();
        foreach (var fact in center.Log.All.Where(fact => fact.Stream == workspace))
        {
            switch (fact.Data)
            {
                case WorkspaceBound e:
                    first = e.Cloud?.Instance.ToString() ?? "billing-center";
                    payer = e.At <= time ? first : null;
                    break;
                case WorkspaceMethodChanged e when e.At <= time:
                    payer = e.Cloud?.Instance.ToString() ?? "billing-center";
                    break;
                case WorkspaceLocked e:
                    locks.Add((e.Reason, e.At, null));
                    break;
                case WorkspaceLockLifted e:
                    locks = [.. locks.Select(one => one.To is null && one.Reason == e.Reason ? one with { To = e.At } : one)];
                    break;
                case WorkspaceUnlocked e:
                    locks = [.. locks.Select(one => one.To is null ? one with { To = e.At } : one)];
                    break;
            }
        }

        return locks.Any(one => one.From <= time && (one.To is null || time < one.To)) ? "billing-center" : payer ?? first;
    }

    private void EveryBillIsPaidOnce()
    {
        foreach (var purse in center.Purses)
        {
            var hash = JournalEntry.NoHash;
            foreach (var entry in purse.Journal)
            {
                Hold(entry.PreviousHash.AsSpan().SequenceEqual(hash) && entry.Movement.Postings.Sum(posting => posting.Amount) == 0, "the journal is as written", $"entry {entry.Seq} of {purse.Account}.");
                hash = entry.Hash;
            }

            var ledgers = purse.Journal.SelectMany(entry => entry.Movement.Postings).GroupBy(posting => posting.Ledger).ToDictionary(ledger => ledger.Key, ledger => ledger.Sum(posting => posting.Amount));
            Hold(ledgers.GetValueOrDefault(Ledgers.Cash) == purse.Wallet.Cash, "the wallet is its journal", $"{purse.Account} has {purse.Wallet.Cash}, its journal says {ledgers.GetValueOrDefault(Ledgers.Cash)}.");
            Hold(purse.Wallet.Credits.All(credit => credit.Balance == ledgers.GetValueOrDefault(credit.Ledger) && credit.Balance >= 0), "the wallet is its journal", $"vouchers and cards of {purse.Account}.");
            var billed = center.Lines.Where(line => center.Log.Find<WorkspaceSettlement>(line.Workspace)!.Account == purse.Account).Sum(line => line.Amount);
            Hold(billed == ledgers.GetValueOrDefault(Ledgers.Usage), "every bill is paid once", $"{purse.Account} was billed {billed}, and paid {ledgers.GetValueOrDefault(Ledgers.Usage)}.");
        }
    }

    private void CloudsAreToldWhatTheyOwe()
    {
        foreach (var (payer, (total, _)) in center.Due)
        {
            var instance = payer[(payer.IndexOf('/', StringComparison.Ordinal) + 1)..];
            var owed = -center.Purses.SelectMany(purse => purse.Journal).SelectMany(entry => entry.Movement.Postings).Where(posting => posting.Ledger == Ledgers.Cloud(payer)).Sum(posting => posting.Amount);
            Hold(owed == total && center.Charges.GetValueOrDefault(instance)?.Stated == total, "a cloud owes what was charged", $"{payer}: the journal says {owed}, due is {total}, stated {center.Charges.GetValueOrDefault(instance)?.Stated}.");
        }

        foreach (var (instance, charge) in center.Charges)
        {
            var collected = center.Market.Purchases.Single(purchase => purchase.InstanceId == instance).Collected;
            Hold(charge.Accepted == collected && charge.Unanswered == 0, "what is accepted is what the market took", $"{instance}: {charge.Accepted} accepted and {charge.Unanswered} unanswered here, {collected} there.");
            Hold(UsagePushPlanner.Floor(charge.Stated - charge.Accepted) < UsagePushPlanner.AmountMin || charge.IsTooLate,
                "what is owed is told", $"{instance} owes {charge.Stated}, the market was told {charge.Accepted}, and nothing says why.");
        }
    }

    private void ClosingsAreCompletedAndSitesKnowWhatTheBillingCenterKnows()
    {
        foreach (var closing in center.Log.States<Closing>())
        {
            Hold(closing.State is ClosingState.Completed, "closings are acknowledged", $"{closing.Id} is {closing.State}.");
        }

        foreach (var purchase in center.Market.Purchases.Where(purchase => purchase.InstanceId is not null))
        {
            var state = center.Log.States<CloudSubscription>().Single(one => one.InstanceId == purchase.InstanceId).State;
            var wanted = purchase.IsClosing ? CloudSubscriptionState.Closed : purchase.IsFrozen ? CloudSubscriptionState.Frozen : CloudSubscriptionState.Active;
            Hold(state == wanted, "a subscription is what the market says", $"{purchase.InstanceId} is {wanted} at the market and {state} here.");
        }

        foreach (var workspace in center.Log.States<WorkspaceSettlement>())
        {
            var replica = sites.Single(site => site.Code == workspace.Site.Value).Workspaces[workspace.Id];
            Hold(replica.Method == workspace.Method && replica.LockedSince == workspace.LockedSince && replica.Locks.Select(held => held.Reason).Order().SequenceEqual(workspace.Reasons),
                "a site knows what the Billing Center knows", $"{workspace.Id}: {replica.Method} {string.Join(' ', replica.Locks)} there, {workspace.Method} {string.Join(' ', workspace.Reasons)} here.");
            Hold(workspace.Has(LockReason.SubscriptionFrozen) == (workspace.Cloud is { } cloud && !workspace.IsDissolved && center.Log.States<CloudSubscription>().Single(one => one.InstanceId == cloud.InstanceId).IsFrozen)
                || workspace.IsDissolved, "frozen is who is frozen", workspace.Id);
        }
    }

    private void RebuildingGivesTheSame()
    {
        foreach (var (stream, state) in center.Log.Rebuilt())
        {
            Hold(JsonSerializer.Serialize(state, state.GetType()) == JsonSerializer.Serialize(center.Log.Find<object>(stream), state.GetType()), "rebuilding gives the same", stream);
        }
    }

    private static void Hold(bool holds, string rule, string what)
    {
        if (!holds)
        {
            throw new ViolationException(rule, what);
        }
    }
}
