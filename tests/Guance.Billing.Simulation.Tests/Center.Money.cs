using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Simulation.Tests;

/// <summary>An hour's part of a workspace's item, as its site told it.</summary>
internal readonly record struct Cell(string Workspace, string Item, int RetentionDays, DateTimeOffset Hour, DateTimeOffset PartFrom);

/// <summary>A line of a bill; <paramref name="UsageDay"/> is an earlier one where it adjusts.</summary>
internal sealed record Line(DateOnly Day, DateOnly UsageDay, string Workspace, string Item, int RetentionDays, string Payer, decimal Exact, decimal Amount, decimal Carry);

/// <summary>The money of an account: its wallet and its journal.</summary>
internal sealed class Purse(BillingAccountId account)
{
    private readonly HashSet<string> keys = new(StringComparer.Ordinal);

    public BillingAccountId Account => account;

    public Wallet Wallet { get; private set; } = Wallet.Of(0, []);

    public List<JournalEntry> Journal { get; } = [];

    /// <summary>Since when it is in arrears; null when it is not.</summary>
    public DateTimeOffset? Since { get; private set; }

    public bool Knows(string key) => keys.Contains(key);

    public void Add(Credit credit) => Wallet = Wallet.With(credit with { Balance = 0 });

    public void Post(Movement movement, DateTimeOffset now)
    {
        if (movement.Key is { } key && !keys.Add(key))
        {
            throw new ViolationException("every movement of money once", $"{movement.Kind} {movement.Reference} was to be posted again in {Account}.");
        }

        Wallet = Wallet.After(movement);
        Journal.Add(new(Account.Value, Journal.Count + 1, JournalEntry.ToMicroseconds(now), movement, Wallet.Cash, Journal.Count == 0 ? JournalEntry.NoHash : Journal[^1].Hash));
        Since = Wallet.Cash < 0 ? Since ?? now : null;
    }
}

/// <summary>What one subscription owes, as CloudAccounts knows it, and the records that tell the market.</summary>
internal sealed class PushedCharge
{
    private long version;

    public decimal Stated { get; private set; }

    /// <summary>The most that was ever owed: corrections may have lowered it since.</summary>
    public decimal MostStated { get; private set; }

    public decimal Accepted { get; set; }

    public decimal Unanswered { get; set; }

    public DateTimeOffset DayEndsAt { get; private set; }

    public DateTimeOffset HoldUntil { get; set; }

    public bool IsTooLate { get; set; }

    public List<Record> Records { get; } = [];

    public void Hear(long sourceVersion, decimal total, DateTimeOffset dayEndsAt)
    {
        if (sourceVersion > version)
        {
            (version, Stated, DayEndsAt) = (sourceVersion, total, dayEndsAt);
            MostStated = Math.Max(MostStated, total);
        }
    }

    internal sealed class Record
    {
        public required string SerialNumber { get; init; }

        public required PushWindow Window { get; init; }

        public required decimal Amount { get; init; }

        public PushVerdict Verdict { get; set; } = PushVerdict.Unanswered;

        public int FurtherNumber { get; set; }

        public int Attempts { get; set; }

        public DateTimeOffset NextAttemptAt { get; set; }
    }
}

/// <summary>Rating, bills, wallets and what clouds owe.</summary>
internal sealed partial class Center
{
    private static readonly TimeSpan BillingOffset = TimeSpan.FromHours(8);
    private readonly ILookup<PriceKey, Price> priceOf;
    private readonly Dictionary<Cell, (decimal Quantity, long Told)> usage = [];
    private readonly Dictionary<(string Workspace, DateOnly Day), HashSet<Cell>> cellsOf = [];
    private readonly SortedSet<(DateOnly Day, string Workspace)> late = new();
    private readonly Dictionary<(string Workspace, string Item, int RetentionDays, string Payer), decimal> carried = [];
    private readonly Dictionary<string, Purse> purses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PushedCharge> charges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (decimal Total, decimal Stated)> due = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Workspace, DateOnly UsageDay), List<Line>> linesOf = [];
    private readonly List<string> rated = [];
    private readonly DateTimeOffset firstDay;
    private DateOnly? lastClosed;
    private DateOnly? openDay;

    public List<Line> Lines { get; } = [];

    public IReadOnlyDictionary<Cell, (decimal Quantity, long Told)> Usage => usage;

    public IReadOnlyDictionary<string, PushedCharge> Charges => charges;

    public IReadOnlyDictionary<string, (decimal Total, decimal Stated)> Due => due;

    public IReadOnlyDictionary<(string Workspace, string Item, int RetentionDays, string Payer), decimal> Carried => carried;

    public IReadOnlyCollection<Purse> Purses => purses.Values;

    public DateOnly? LastClosed => lastClosed;

    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(BillingOffset).DateTime);

    public static DateTimeOffset Begin(DateOnly day) => new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), BillingOffset).ToUniversalTime();

    public Purse PurseOf(BillingAccountId account) => purses.TryGetValue(account.Value, out var purse) ? purse : purses[account.Value] = new(account);

    /// <summary>CreditCash, IssueVoucher and RedeemPrepaidCard: again, with the same key, nothing happens.</summary>
    public void Credit(BillingAccountId account, string key, decimal amount, CreditKind? kind, DateTimeOffset expiresAt) => Node.Do(() =>
    {
        var purse = PurseOf(account);
        if (purse.Knows(key))
        {
            return;
        }

        if (kind is null)
        {
            purse.Post(WalletDecider.CreditCash(amount, "operator", key), Now);
            return;
        }

        var credit = new Credit(kind.Value, key, amount, expiresAt);
        if (credit.IsVoucher)
        {
            purse.Add(credit);
            purse.Post(WalletDecider.IssueVoucher(credit, amount, key), Now);
            return;
        }

        var movements = WalletDecider.RedeemCard(purse.Wallet, credit, amount, key);
        purse.Add(credit);
        foreach (var movement in movements)
        {
            purse.Post(movement, Now);
        }
    });

    /// <summary>ExpireCreditsJob.</summary>
    public void ExpireCredits()
    {
        foreach (var purse in purses.Values)
        {
            Node.Do(() =>
            {
                foreach (var movement in WalletDecider.Expire(purse.Wallet, TimeZoneInfo.Utc, Now))
                {
                    purse.Post(movement, Now);
                }
            });
        }
    }

    /// <summary>ArrearsJob.</summary>
    public void ContinueArrears()
    {
        foreach (var purse in purses.Values.OrderBy(purse => purse.Account.Value, StringComparer.Ordinal))
        {
            Node.Do(() =>
            {
                if (Log.Find<BillingAccount>(purse.Account.Value) is not { } account)
                {
                    return;
                }

                var events = ArrearsDecider.Due(account, purse.Since, new(Math.Max(0, -purse.Wallet.Cash), Currency.Of("CNY")), Now);
                foreach (var workspace in Log.States<WorkspaceSettlement>().Where(one => one.Account == purse.Account).OrderBy(one => one.Id, StringComparer.Ordinal).ToArray())
                {
                    if (events.Any(e => e is ArrearsCleared) && workspace.Has(LockReason.Arrears))
                    {
                        Append(workspace.Id, WorkspaceSettlementDecider.Lift(workspace, LockReason.Arrears, Now, "system", null));
                    }

                    if (events.Any(e => e is ArrearsLocked) && !workspace.Method.IsCloud)
                    {
                        Append(workspace.Id, WorkspaceSettlementDecider.Lock(workspace, LockReason.Arrears, Now, "system", null));
                    }
                }

                Append(account.Id, events);
            });
        }
    }

    /// <summary>CloseDaysJob: the next day that is over, batch by batch; then what clouds owe is stated.</summary>
    public void CloseDays()
    {
        var today = DayOf(Now.AddMinutes(-15));
        while (openDay is not null || (lastClosed ?? DayOf(firstDay).AddDays(-1)).AddDays(1) < today)
        {
            if (!Node.Do(() =>
            {
                if (openDay is null)
                {
                    openDay = (lastClosed ?? DayOf(firstDay).AddDays(-1)).AddDays(1);
                    // From now on, what is told of the day is late.
                    lastClosed = openDay;
                    rated.Clear();
                }
            }))
            {
                return;
            }

            var day = openDay!.Value;
            var isMore = true;
            while (isMore)
            {
                if (!Node.Do(() => isMore = CloseBatch(day)))
                {
                    return;
                }
            }

            if (!Node.Do(() =>
            {
                StateCloudCharges(day);
                openDay = null;
            }))
            {
                return;
            }
        }
    }

    /// <summary>What is rated for a day now, by item and payer: as Rating says it in SQL.</summary>
    public IEnumerable<(string Item, int RetentionDays, string Payer, decimal Exact)> Rate(WorkspaceSettlement workspace, DateOnly day)
    {
        var payers = workspace.Payers;
        foreach (var item in cellsOf.GetValueOrDefault((workspace.Id, day), []).GroupBy(cell => (cell.Item, cell.RetentionDays))
            .OrderBy(item => item.Key.Item, StringComparer.Ordinal).ThenBy(item => item.Key.RetentionDays))
        {
            var price = PriceBook.At(priceOf[new(item.Key.Item, item.Key.RetentionDays, "CNY", "china")], day)!;
            decimal Charge(decimal quantity) => Math.Round(quantity * price.Amount / price.UnitQuantity, 16, MidpointRounding.AwayFromZero);
            if (price.Aggregation is ItemAggregation.Sum)
            {
                foreach (var payer in item.GroupBy(cell => (payers.LastOrDefault(span => span.From <= cell.PartFrom) ?? payers[0]).Payer).OrderBy(one => one.Key, StringComparer.Ordinal))
                {
                    if (payer.Sum(cell => usage[cell].Quantity) is not 0 and var total)
                    {
                        yield return (item.Key.Item, item.Key.RetentionDays, payer.Key, Charge(total));
                    }
                }

                continue;
            }

            var charge = Charge(item.Max(cell => usage[cell].Quantity));
            var shares = Shares.Of(payers, Begin(day), Begin(day.AddDays(1)));
            var others = 0m;
            foreach (var share in shares.Where(share => !share.IsLast))
            {
                var part = Math.Round(charge * share.Numerator / share.Denominator, 16, MidpointRounding.AwayFromZero);
                others += part;
                yield return (item.Key.Item, item.Key.RetentionDays, share.Payer, part);
            }

            yield return (item.Key.Item, item.Key.RetentionDays, shares.Single(share => share.IsLast).Payer, charge - others);
        }
    }

    /// <summary>PushUsageJob: keep the next records, take what is due, send it, note what is answered: each step a transaction of its own.</summary>
    public void PushUsage()
    {
        foreach (var (instance, charge) in charges.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            if (!Node.Do(() => Prepare(instance, charge)))
            {
                return;
            }

            foreach (var record in charge.Records.Where(record => record.Verdict is PushVerdict.Unanswered && record.NextAttemptAt <= Now).ToArray())
            {
                if (!Node.Do(() =>
                {
                    record.Attempts++;
                    record.NextAttemptAt = Now + TimeSpan.FromMinutes(Math.Min(10, Math.Pow(2, Math.Min(record.Attempts - 1, 4))));
                }))
                {
                    return;
                }

                var further = record.FurtherNumber;
                var (isAnswered, code) = Market.Push(MeteringSn.OnWire(record.SerialNumber, further), instance, record.Window.BeginsAt, record.Window.EndsAt, record.Amount);
                if (isAnswered && !Node.Do(() => Note(charge, record, further, code)))
                {
                    return;
                }
            }
        }
    }

    /// <summary>
    /// MarkUsagePush: a record whose first answer was lost, and whose window is refused since for another reason (the instance was closed meanwhile), cannot be told from one
    /// that was taken. It stays at risk until an operator looks at the market.
    /// </summary>
    public void MarkDoubtful()
    {
        foreach (var (instance, charge) in charges)
        {
            foreach (var record in charge.Records.Where(record => record is { Verdict: PushVerdict.Unanswered, FurtherNumber: >= 3 }))
            {
                Node.Do(() =>
                {
                    record.Verdict = Market.Has(instance, record.Window.BeginsAt, record.Window.EndsAt) ? PushVerdict.Accepted : PushVerdict.Rejected;
                    charge.Unanswered -= record.Amount;
                    charge.Accepted += record.Verdict is PushVerdict.Accepted ? record.Amount : 0;
                });
            }
        }
    }

    private void Prepare(string instance, PushedCharge charge)
    {
        var unanswered = scenario.Broken is BrokenRule.SecondPush ? 0 : charge.Unanswered;
        if (Now < charge.HoldUntil || charge.Stated - charge.Accepted - unanswered < UsagePushPlanner.AmountMin)
        {
            return;
        }

        var subscription = Log.Find<CloudSubscription>(streamOfInstance[instance])!;
        var plan = UsagePushPlanner.Next(
            new(charge.Stated, charge.Accepted, unanswered, charge.DayEndsAt, subscription.OrderPlacedAt, subscription.ClosedAt,
                [.. charge.Records.Select(record => record.Window).Where(window => window.EndsAt >= Now - UsagePushPlanner.AgeMax)]),
            UsageCadence.Daily.WindowMax, Now);
        charge.IsTooLate = plan.Step is PushStep.TooLate;
        if (plan.Step is PushStep.Push)
        {
            charge.Records.Add(new() { SerialNumber = MeteringSn.Of(new(Huawei, instance), plan.Window), Window = plan.Window, Amount = plan.Amount, NextAttemptAt = Now });
            charge.Unanswered += plan.Amount;
        }
    }

    private void Note(PushedCharge charge, PushedCharge.Record record, int further, string? code)
    {
        var verdict = PushVerdicts.Of(further, code);
        if (record.Verdict is not PushVerdict.Unanswered || (verdict is not PushVerdict.Accepted && further != record.FurtherNumber))
        {
            return;
        }

        switch (verdict)
        {
            case PushVerdict.Accepted:
                (record.Verdict, charge.Accepted, charge.Unanswered) = (verdict, charge.Accepted + record.Amount, charge.Unanswered - record.Amount);
                break;
            case PushVerdict.Rejected:
                (record.Verdict, charge.Unanswered, charge.HoldUntil) = (verdict, charge.Unanswered - record.Amount, Now.AddMinutes(1));
                break;
            case PushVerdict.Doubtful:
                record.FurtherNumber++;
                break;
        }
    }

    private bool CloseBatch(DateOnly day)
    {
        var batch = Log.States<WorkspaceSettlement>().Select(workspace => workspace.Id).Except(rated, StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(BatchSize).ToArray();
        foreach (var id in batch)
        {
            var workspace = Log.Find<WorkspaceSettlement>(id)!;
            var lines = new List<Line>();
            foreach (var usageDay in late.Where(one => one.Workspace == id && one.Day < day).Select(one => one.Day).Append(day).ToArray())
            {
                late.Remove((usageDay, id));
                lines.AddRange(Charge(workspace, day, usageDay));
            }

            Pay(workspace, day, lines);
            rated.Add(id);
        }

        return batch.Length == BatchSize;
    }

    /// <summary>What a day is charged beyond what has been charged for it: at its close all of it, later the difference.</summary>
    private IEnumerable<Line> Charge(WorkspaceSettlement workspace, DateOnly day, DateOnly usageDay)
    {
        var held = linesOf.GetValueOrDefault((workspace.Id, usageDay), []).GroupBy(line => (line.Item, line.RetentionDays, line.Payer))
            .ToDictionary(line => line.Key, line => line.Sum(one => one.Exact));
        var now = Rate(workspace, usageDay).ToDictionary(one => (one.Item, one.RetentionDays, one.Payer), one => one.Exact);
        foreach (var key in now.Keys.Union(held.Keys).Order())
        {
            var exact = now.GetValueOrDefault(key) - held.GetValueOrDefault(key);
            if (exact == 0)
            {
                continue;
            }

            var cell = (workspace.Id, key.Item, key.RetentionDays, key.Payer);
            var unrounded = exact + carried.GetValueOrDefault(cell);
            var amount = Math.Round(unrounded, 2, MidpointRounding.AwayFromZero);
            carried[cell] = scenario.Broken is BrokenRule.TruncatedCent ? 0 : unrounded - amount;
            yield return new(day, usageDay, workspace.Id, key.Item, key.RetentionDays, key.Payer, exact, amount, carried[cell]);
        }
    }

    private void Pay(WorkspaceSettlement workspace, DateOnly day, IReadOnlyList<Line> lines)
    {
        Lines.AddRange(lines);
        foreach (var line in lines)
        {
            (linesOf.TryGetValue((line.Workspace, line.UsageDay), out var known) ? known : linesOf[(line.Workspace, line.UsageDay)] = []).Add(line);
        }

        var payers = lines.GroupBy(line => line.Payer).Select(payer => new Charge(
            payer.Key,
            payer.Where(line => !Rating.ExcludedFromVouchers.Contains(line.Item)).Sum(line => line.Amount),
            payer.Where(line => Rating.ExcludedFromVouchers.Contains(line.Item)).Sum(line => line.Amount)));
        var purse = PurseOf(workspace.Account);
        if (WalletDecider.Pay(purse.Wallet, $"bill_{day:yyyyMMdd}_{workspace.Id}", day, payers, Now) is not { } movement)
        {
            return;
        }

        purse.Post(movement, Now);
        foreach (var posting in movement.Postings.Where(posting => posting.Ledger.StartsWith(Ledgers.CloudPrefix, StringComparison.Ordinal)))
        {
            var payer = posting.Ledger[Ledgers.CloudPrefix.Length..];
            due[payer] = due.GetValueOrDefault(payer) is var (total, stated) ? (total - posting.Amount, stated) : default;
        }
    }

    private void StateCloudCharges(DateOnly day)
    {
        foreach (var (payer, (total, stated)) in due.Where(one => one.Value.Total != one.Value.Stated).OrderBy(one => one.Key, StringComparer.Ordinal).ToArray())
        {
            var instance = new CloudInstanceKey(Huawei, payer[(payer.IndexOf('/', StringComparison.Ordinal) + 1)..]);
            Append(CloudCharges.Key(instance), [new CloudChargeStated(
                instance, day, Begin(day.AddDays(1)), new(total - stated, Currency.Of("CNY")), new(total, Currency.Of("CNY")), Now)]);
            due[payer] = (total, total);
        }
    }

    private void NoteTotals(UsageTotalsToldIntegrationEvent told)
    {
        foreach (var total in told.Totals)
        {
            var cell = new Cell(total.WorkspaceId.Value, total.Item, total.RetentionDays, total.Hour, total.PartFrom);
            if (usage.TryGetValue(cell, out var known) && known.Told >= told.SourceVersion)
            {
                continue;
            }

            usage[cell] = (total.Quantity, told.SourceVersion);
            var day = DayOf(total.Hour);
            (cellsOf.TryGetValue((cell.Workspace, day), out var cells) ? cells : cellsOf[(cell.Workspace, day)] = []).Add(cell);
            if (day <= lastClosed)
            {
                late.Add((day, cell.Workspace));
            }
        }
    }

    private void NotePayerChange(string workspace, DateTimeOffset from)
    {
        foreach (var (_, day) in cellsOf.Keys.Where(key => key.Workspace == workspace && key.Day <= lastClosed && key.Day >= (from == DateTimeOffset.MinValue ? DateOnly.MinValue : DayOf(from))))
        {
            late.Add((day, workspace));
        }
    }

    private PushedCharge ChargeOf(string instance) => charges.TryGetValue(instance, out var charge) ? charge : charges[instance] = new();
}
