using Guance.Billing.CloudAccounts.Contracts;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>Daily bills with their lines.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>, <c>cursor-invalid</c>, <c>workspace-unknown</c>.</remarks>
/// <param name="Account">Whose; null for all accounts'.</param>
/// <param name="Workspace">Only this one's.</param>
/// <param name="From">The first day; null from the beginning.</param>
/// <param name="To">The last day; null to the end.</param>
/// <param name="NewestFirst">In this order; else oldest first.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListDailyBills(
    BillingAccountId? Account, WorkspaceId? Workspace, DateOnly? From, DateOnly? To, bool NewestFirst, int Limit, string? Cursor) : IQuery<Page<DailyBill>>;

/// <summary>A workspace's bill of a day.</summary>
/// <param name="Id">By which it is referred to.</param>
/// <param name="Date">The day, of the billing time zone.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="WorkspaceName">What its owner called it.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="Site">Where the workspace is.</param>
/// <param name="Total">The lines' amounts together.</param>
/// <param name="ClosedAt">When it was made.</param>
/// <param name="Lines">Its lines.</param>
public sealed record DailyBill(
    string Id, DateOnly Date, WorkspaceId WorkspaceId, string WorkspaceName, BillingAccountId BillingAccountId, SiteCode Site, Money Total, DateTimeOffset ClosedAt, IReadOnlyList<BillLineView> Lines);

/// <summary>A line of a bill.</summary>
/// <param name="Id">By which the charge is explained.</param>
/// <param name="Item">The item.</param>
/// <param name="RetentionDays">The retention, where it is priced by it.</param>
/// <param name="Quantity">In the item's unit; of an adjustment, what it adds.</param>
/// <param name="UnitQuantity">The price is for so many, per day.</param>
/// <param name="Price">The price.</param>
/// <param name="Amount">What the line charges; negative where a correction gives back.</param>
/// <param name="Payer">Who pays.</param>
/// <param name="AdjustsDate">The earlier day whose charge it corrects.</param>
public sealed record BillLineView(
    string Id, string Item, int? RetentionDays, decimal Quantity, decimal UnitQuantity, Money Price, Money Amount, string Payer, DateOnly? AdjustsDate);

/// <summary>How a line of a bill came about, made by the code that rated it.</summary>
/// <remarks>Refusals: <c>charge-unknown</c>.</remarks>
/// <param name="LineId">The line's id, from a daily bill.</param>
/// <param name="OnlyAccount">Not found unless it is this account's; null for whoever may see all.</param>
public sealed record ExplainCharge(string LineId, BillingAccountId? OnlyAccount) : IQuery<ChargeExplanation>;

/// <summary>How a line of a bill came about, from the hours that were used to the receipt of what was pushed.</summary>
/// <param name="Line">The line.</param>
/// <param name="BillId">Its bill.</param>
/// <param name="Date">The bill's day.</param>
/// <param name="UsageDate">The day of the usage: an earlier one where the line adjusts.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Quantity">What was used.</param>
/// <param name="Price">By what it is charged.</param>
/// <param name="Share">The payer's part of a gauge's day; null where usage is counted.</param>
/// <param name="Formula">The charge in words and in numbers.</param>
/// <param name="Adjustment">For a line that adjusts: what had been charged before, and what the day is charged with it.</param>
/// <param name="Rounding">From the exact charge to the amount.</param>
/// <param name="UsageChangedSince">Whether the day, rated now by the same code, comes to something else; the difference is or will be a later line.</param>
/// <param name="AdjustedBy">Later lines that adjust it.</param>
/// <param name="Deductions">How the whole bill was paid, in the journal's order: by which voucher, card, cash or cloud account, and how much of it.</param>
/// <param name="Push">What was pushed to the cloud's market for the day and after, up to the first record that it took; empty where no cloud pays.</param>
public sealed record ChargeExplanation(
    BillLineView Line, string BillId, DateOnly Date, DateOnly UsageDate, WorkspaceId WorkspaceId, ExplainedQuantity Quantity, ExplainedPrice Price,
    ExplainedShare? Share, ExplainedFormula Formula, ExplainedAdjustment? Adjustment, ExplainedRounding Rounding, bool UsageChangedSince,
    IReadOnlyList<string> AdjustedBy, IReadOnlyList<ExplainedDeduction> Deductions, IReadOnlyList<UsagePush> Push);

/// <summary>What was used.</summary>
/// <param name="Quantity">What is charged.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Aggregation"><c>sum</c> or <c>max</c>: how hours make a day.</param>
/// <param name="Words">How they make it.</param>
/// <param name="Hours">The hours.</param>
public sealed record ExplainedQuantity(decimal Quantity, string Unit, string Aggregation, string Words, IReadOnlyList<ExplainedHour> Hours);

/// <summary>An hour.</summary>
/// <param name="Hour">Its beginning.</param>
/// <param name="Quantity">Of all payers.</param>
/// <param name="Parts">One, but where the payer changed within the hour.</param>
public sealed record ExplainedHour(DateTimeOffset Hour, decimal Quantity, IReadOnlyList<ExplainedPart> Parts);

/// <summary>A payer's part of an hour.</summary>
/// <param name="From">When it begins.</param>
/// <param name="Quantity">What was used in it.</param>
/// <param name="Payer">Who pays it.</param>
public sealed record ExplainedPart(DateTimeOffset From, decimal Quantity, string? Payer);

/// <summary>By what a line is charged.</summary>
/// <param name="Price">For so many units a day.</param>
/// <param name="UnitQuantity">So many.</param>
/// <param name="Unit">Units.</param>
/// <param name="Region">The region whose price it is.</param>
/// <param name="Version">Of the price book.</param>
/// <param name="EffectiveFrom">The first day for which it holds.</param>
/// <param name="PublishedAt">When that version was published.</param>
public sealed record ExplainedPrice(Money Price, decimal UnitQuantity, string Unit, string Region, int Version, DateOnly EffectiveFrom, DateTimeOffset PublishedAt);

/// <summary>The payer's part of a day.</summary>
/// <param name="Seconds">So many seconds of it.</param>
/// <param name="OfSeconds">So many has the day.</param>
public sealed record ExplainedShare(long Seconds, long OfSeconds);

/// <summary>A charge, computed.</summary>
/// <param name="Words">In words.</param>
/// <param name="Numbers">In numbers.</param>
public sealed record ExplainedFormula(string Words, string Numbers);

/// <summary>What a line adjusts.</summary>
/// <param name="ChargedBefore">What had been charged for the day.</param>
/// <param name="ChargedWithIt">What the day is charged with the line.</param>
public sealed record ExplainedAdjustment(Money ChargedBefore, Money ChargedWithIt);

/// <summary>A part of how a bill was paid.</summary>
/// <param name="Ledger"><c>voucher:…</c>, <c>card:…</c>, <c>cash</c> or <c>cloud:…</c>.</param>
/// <param name="Amount">What it paid; negative where it got back.</param>
public sealed record ExplainedDeduction(string Ledger, Money Amount);

/// <summary>From the exact charge to the amount.</summary>
/// <param name="Exact">Unrounded.</param>
/// <param name="CarryIn">What earlier rounding left.</param>
/// <param name="Amount">What the line charges.</param>
/// <param name="CarryOut">What this rounding leaves.</param>
/// <param name="Words">In words.</param>
public sealed record ExplainedRounding(Money Exact, Money CarryIn, Money Amount, Money CarryOut, string Words);

/// <summary>What the days of a month that are billed so far come to.</summary>
/// <remarks>Refusals: <c>month-invalid</c>.</remarks>
/// <param name="Account">Whose.</param>
/// <param name="Month"><c>yyyy-MM</c>, of the billing time zone; null for the present month.</param>
public sealed record GetSpending(BillingAccountId Account, string? Month) : IQuery<Spending>;

/// <summary>What the days of a month that are billed so far come to.</summary>
/// <param name="Month"><c>yyyy-MM</c>.</param>
/// <param name="TimeZone">The billing time zone: its midnights part the days.</param>
/// <param name="Total">All charges, adjustments of earlier days included.</param>
/// <param name="Days">The days that have bills, oldest first.</param>
/// <param name="Sites">By site and workspace.</param>
/// <param name="Items">By item and retention.</param>
public sealed record Spending(
    string Month, string TimeZone, Money Total, IReadOnlyList<DaySpending> Days, IReadOnlyList<MonthlySite> Sites, IReadOnlyList<MonthlyItem> Items);

/// <summary>A day's bills together.</summary>
/// <param name="Date">The day.</param>
/// <param name="Total">What they come to.</param>
public sealed record DaySpending(DateOnly Date, Money Total);
