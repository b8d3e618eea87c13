namespace Guance.Billing.Settlement.Contracts;

/// <summary>How each site stands, by code.</summary>
public sealed record ListSites : IQuery<Page<SiteStanding>>;

/// <summary>How a site stands.</summary>
/// <param name="Site">The site.</param>
/// <param name="Url">Its address.</param>
/// <param name="ToldPosition">The last position of the feed written for it.</param>
/// <param name="AcknowledgedPosition">The position up to which it has applied that feed.</param>
/// <param name="AcknowledgedAt">When it said so.</param>
/// <param name="Pending">How many messages it has not applied yet.</param>
/// <param name="Lag">How old the oldest of them is; zero where there is none.</param>
/// <param name="ReadPosition">The position up to which its own feed is applied here.</param>
/// <param name="ReadAt">When a page of it was applied last.</param>
/// <param name="LastContactAt">When it answered or asked last.</param>
/// <param name="SinceContact">How long ago that was; null where it never did.</param>
/// <param name="LastError">Why the last attempt to read its feed failed; null when it did not.</param>
public sealed record SiteStanding(
    SiteCode Site, string Url, long ToldPosition, long AcknowledgedPosition, DateTimeOffset? AcknowledgedAt, long Pending, TimeSpan Lag,
    long ReadPosition, DateTimeOffset? ReadAt, DateTimeOffset? LastContactAt, TimeSpan? SinceContact, string? LastError);

/// <summary>The runs that close days, with their progress, newest first.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The date of the last run of the page before; null for the first page.</param>
public sealed record ListSettlementRuns(int Limit, DateOnly? Cursor) : IQuery<Page<SettlementRun>>;

/// <summary>The run that closes a day.</summary>
/// <param name="Date">The day.</param>
/// <param name="State"><c>rating</c>, <c>rated</c> (bills are made and paid) or <c>completed</c>.</param>
/// <param name="StartedAt">When it was taken up.</param>
/// <param name="Bills">The bills made so far.</param>
/// <param name="Lines">Their lines.</param>
/// <param name="Total">What they come to.</param>
/// <param name="RatedAt">When the last bill was made.</param>
/// <param name="CompletedAt">When everything that belongs to the day was done.</param>
public sealed record SettlementRun(
    DateOnly Date, string State, DateTimeOffset StartedAt, long Bills, long Lines, Money Total, DateTimeOffset? RatedAt, DateTimeOffset? CompletedAt);

/// <summary>
/// An operator wants a day that is over closed now, and the missed days before it, however much sites have told of it; again: the same run. Should the node
/// die before it has begun, the timetable closes the day as it would have anyway.
/// </summary>
/// <remarks>Refusals: <c>date-too-early</c>, <c>day-not-over</c>, <c>day-before-first</c>.</remarks>
/// <param name="Date">The day, of the billing time zone.</param>
/// <param name="InBackground">Begin; else whoever asks goes on by itself.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record AskForDayClose(DateOnly Date, bool InBackground, string By) : ICommand, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "close-day", $"{Date:yyyy-MM-dd}");
}

/// <summary>What must not be, and is (rules §9).</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Resolved">Those that were repaired, too.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListViolations(bool Resolved, int Limit, string? Cursor) : IQuery<Page<ViolationView>>;

/// <summary>Something that must not be (rules §9): what, where, and how to repair it.</summary>
/// <param name="Id">Stays the same for as long as the same thing is wrong.</param>
/// <param name="Check">The invariant.</param>
/// <param name="BillingAccountId">The account for which billing has stopped; null where it is nobody's.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Date">The billing day.</param>
/// <param name="What">In words.</param>
/// <param name="Expected">The right figure, where there is one.</param>
/// <param name="Found">The figure that is there.</param>
/// <param name="Difference">What is there less what is right.</param>
/// <param name="Repair">What to do.</param>
/// <param name="FoundAt">Since when it is known.</param>
/// <param name="ResolvedAt">When the checks found it no more.</param>
public sealed record ViolationView(
    string Id, string Check, string? BillingAccountId, WorkspaceId? WorkspaceId, DateOnly? Date, string What, decimal? Expected, decimal? Found, decimal? Difference,
    string Repair, DateTimeOffset FoundAt, DateTimeOffset? ResolvedAt);

/// <summary>
/// Check the invariants of money (rules §9) for billing days from one to another. What is found stops billing for its account only, until the
/// checks no longer find it: an operator repairs the cause and runs them again. Answers how many violations are open then.
/// </summary>
/// <remarks>Refusals: <c>days-invalid</c>.</remarks>
/// <param name="From">The first day.</param>
/// <param name="To">The last day; at most 62 at once.</param>
/// <param name="WholeJournal">Whether hash chains are reckoned from their beginnings, or from the last seal before the days.</param>
/// <param name="By">The operator who asks; null where the close of a day does.</param>
public sealed record RunChecks(DateOnly From, DateOnly To, bool WholeJournal, string? By = null) : ICommand<ChecksRun>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct? Act => By is null ? null : new(By, "run-checks", $"{From:yyyy-MM-dd}..{To:yyyy-MM-dd}");
}

/// <summary>What checks found.</summary>
/// <param name="From">The first day that was checked.</param>
/// <param name="To">The last day.</param>
/// <param name="Found">Violations found by this run.</param>
/// <param name="Open">Violations that are open now, those of other days included.</param>
public sealed record ChecksRun(DateOnly From, DateOnly To, int Found, long Open);

/// <summary>Usage that was set aside, by site, workspace, item and reason: at the sites, and here.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>, <c>cursor-invalid</c>.</remarks>
/// <param name="Site">Only this site's.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListQuarantine(SiteCode? Site, int Limit, string? Cursor) : IQuery<Page<QuarantineView>>;

/// <summary>Usage of one kind that waits for a person: at its site, or here, where it cannot be charged yet.</summary>
/// <param name="Site">The site.</param>
/// <param name="WorkspaceId">As the events name it.</param>
/// <param name="Item">As the events name it.</param>
/// <param name="Code">Why it was set aside.</param>
/// <param name="Count">How many events, or hours.</param>
/// <param name="FirstAt">The first of them.</param>
/// <param name="LastAt">The last of them.</param>
public sealed record QuarantineView(SiteCode Site, string WorkspaceId, string Item, string Code, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>An operator locks, or unlocks whatever holds (rules §6); who and why stay in the workspace's history.</summary>
/// <remarks>Refusals: <c>workspace-unknown</c>, <c>workspace-dissolved</c>, <c>reason-required</c>.</remarks>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Lock">Lock, or unlock.</param>
/// <param name="Reason">Why: 1 to 500 characters.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record OperateLocks(WorkspaceId WorkspaceId, bool Lock, string Reason, string By) : ICommand<WorkspaceChanged>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, Lock ? "lock-workspace" : "unlock-workspace", WorkspaceId.Value, Reason);
}

/// <summary>The billing account with a username, whatever its case, or an id.</summary>
/// <remarks>Refusals: <c>billing-account-unknown</c>.</remarks>
/// <param name="UsernameOrId">Either.</param>
public sealed record FindBillingAccount(string UsernameOrId) : IQuery<BillingAccountView>;

/// <summary>Cash has come in for an account. It repays arrears first, which lifts their locks at once (rules §8). Once for ever under one key.</summary>
/// <remarks>Refusals: <c>billing-account-unknown</c>, <c>amount-invalid</c>, <c>currency-not-accounted</c>, <c>idempotency-key-reused</c>.</remarks>
/// <param name="AccountId">The account.</param>
/// <param name="Amount">Above zero, at most two decimals.</param>
/// <param name="Key">Under which it is remembered.</param>
/// <param name="By">Who gives it.</param>
public sealed record CreditCash(BillingAccountId AccountId, Money? Amount, string Key, string By) : ICommand<CashCredited>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "credit-cash", AccountId.Value, Amount?.ToString());
}

/// <summary>What a credit of cash came to.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Amount">What came in.</param>
/// <param name="Cash">The cash afterwards; negative while still in arrears.</param>
/// <param name="Seq">The entry's number in the account's journal.</param>
public sealed record CashCredited(BillingAccountId AccountId, Money Amount, Money Cash, long Seq);

/// <summary>The staff grant a voucher. Once for ever under one key, from which the voucher's id is made.</summary>
/// <remarks>
/// Refusals: <c>billing-account-unknown</c>, <c>kind-invalid</c>, <c>amount-invalid</c>, <c>currency-not-accounted</c>, <c>expires-at-invalid</c>,
/// <c>reason-too-long</c>, <c>idempotency-key-reused</c>.
/// </remarks>
/// <param name="AccountId">The account.</param>
/// <param name="Kind"><c>ordinary</c> or <c>full-reduction</c>.</param>
/// <param name="FaceValue">Above zero, at most two decimals.</param>
/// <param name="ExpiresAt">In the future.</param>
/// <param name="Reason">At most 500 characters.</param>
/// <param name="Key">Under which it is remembered.</param>
/// <param name="By">Who grants it, as histories name it.</param>
public sealed record IssueVoucher(BillingAccountId AccountId, string? Kind, Money? FaceValue, DateTimeOffset? ExpiresAt, string? Reason, string Key, string By) : ICommand<VoucherView>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "issue-voucher", AccountId.Value, string.IsNullOrWhiteSpace(Reason) ? $"{FaceValue}, {Kind}" : $"{FaceValue}, {Kind}: {Reason}");
}

/// <summary>The staff flag that lifts a site's matrix of methods for an account (rules §2). The same value again does nothing.</summary>
/// <remarks>Refusals: <c>billing-account-unknown</c>.</remarks>
/// <param name="AccountId">The account.</param>
/// <param name="Allowed">Whether every site offers it every method.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record SetArbitrarySettlement(BillingAccountId AccountId, bool Allowed, string By) : ICommand<ArbitrarySettlement>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, Allowed ? "allow-arbitrary-settlement" : "withdraw-arbitrary-settlement", AccountId.Value);
}

/// <summary>Whether every site offers an account every method.</summary>
/// <param name="Id">The account.</param>
/// <param name="Allowed">Whether it is.</param>
public sealed record ArbitrarySettlement(BillingAccountId Id, bool Allowed);
