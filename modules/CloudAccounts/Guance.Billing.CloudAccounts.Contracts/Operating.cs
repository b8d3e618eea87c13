namespace Guance.Billing.CloudAccounts.Contracts;

/// <summary>
/// What subscriptions owe and the market has not taken, most urgent first. The market refuses a window that began more than 21 days ago, so
/// the time runs from the beginning of the oldest day that is not taken whole; of a closed subscription from the closing instant, after
/// which nothing more is taken. While a subscription is open, what is older still goes out, in a later window.
/// </summary>
/// <remarks>Refusals: <c>limit-invalid</c>, <c>cursor-invalid</c>.</remarks>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListAtRisk(int Limit, string? Cursor) : IQuery<Page<AtRiskView>>;

/// <summary>What a subscription owes and the market has not taken.</summary>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID.</param>
/// <param name="State">Where the subscription stands; null where it is not known here.</param>
/// <param name="Amount">All of it.</param>
/// <param name="Unsent">In no record yet.</param>
/// <param name="Unanswered">In records without an answer.</param>
/// <param name="Rejected">Refused, and not out again.</param>
/// <param name="OldestDay">The first day that is not taken whole.</param>
/// <param name="NextCollectionAt">What arrives later is charged a day (or an hour) later.</param>
/// <param name="RefusedAt">From then on the market refuses it.</param>
/// <param name="TimeLeft">Until then; zero when it is over.</param>
/// <param name="IsLost">The subscription is closed, and that time is over.</param>
/// <param name="NextAttemptAt">When it is sent again; null where nothing waits for an answer.</param>
/// <param name="WaitsFor">Why nothing is sent now: <c>not-yet</c>, <c>rejected</c> or <c>too-late</c>.</param>
public sealed record AtRiskView(
    CloudProvider Provider, string InstanceId, CloudSubscriptionState? State, Money Amount, Money Unsent, Money Unanswered, RejectedAmount? Rejected,
    DateOnly? OldestDay, DateTimeOffset NextCollectionAt, DateTimeOffset RefusedAt, TimeSpan TimeLeft, bool IsLost, DateTimeOffset? NextAttemptAt, string? WaitsFor);

/// <summary>What the market refused, and why.</summary>
/// <param name="Amount">How much of what it refused is not out again.</param>
/// <param name="Code">Its code.</param>
/// <param name="Reason">Its words.</param>
public sealed record RejectedAmount(Money Amount, string? Code, string? Reason);

/// <summary>The records pushed to the market and what it said of each, newest first.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>, <c>cursor-invalid</c>.</remarks>
/// <param name="InstanceId">Only this subscription's; null for all.</param>
/// <param name="State">Only those that stand so; null for all.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListPushedRecords(string? InstanceId, UsagePushState? State, int Limit, string? Cursor) : IQuery<Page<PushedRecord>>;

/// <summary>A record pushed to the market, with its answers.</summary>
/// <param name="MeteringSn">Its serial number, unique for ever.</param>
/// <param name="Provider">The cloud.</param>
/// <param name="InstanceId">The product instance ID.</param>
/// <param name="Day">The billing day through which it pays.</param>
/// <param name="BeginsAt">The window's beginning.</param>
/// <param name="EndsAt">The window's end.</param>
/// <param name="Amount">What it charges.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Code">The market's code of a rejection; <c>operator</c> where one said how it stands.</param>
/// <param name="Reason">The words that came with it.</param>
/// <param name="PreparedAt">When it was kept.</param>
/// <param name="AnsweredAt">When it was answered.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="SentAt">When it was sent last.</param>
/// <param name="NextAttemptAt">When it is sent again; null once it is answered.</param>
/// <param name="Answers">What became of each attempt, in order.</param>
public sealed record PushedRecord(
    string MeteringSn, CloudProvider Provider, string InstanceId, DateOnly Day, DateTimeOffset BeginsAt, DateTimeOffset EndsAt, Money Amount, UsagePushState State,
    string? Code, string? Reason, DateTimeOffset PreparedAt, DateTimeOffset? AnsweredAt, int Attempts, DateTimeOffset? SentAt, DateTimeOffset? NextAttemptAt,
    IReadOnlyList<PushAnswer> Answers);

/// <summary>What became of an attempt to push a record.</summary>
/// <param name="At">When.</param>
/// <param name="Attempt">Its number, from 1.</param>
/// <param name="SentAs">The serial number under which it was sent.</param>
/// <param name="Verdict">Such as <c>accepted</c>, <c>rejected</c> or <c>no-answer</c>.</param>
/// <param name="Code">The market's code.</param>
/// <param name="Reason">Its words.</param>
public sealed record PushAnswer(DateTimeOffset At, int Attempt, string SentAs, string Verdict, string? Code, string? Reason);

/// <summary>
/// What an operator has seen at the market of a record: that it was refused although its push was taken (the market checks records later,
/// protocol §5.2.6), so its amount goes out again; or, of a record whose answer was lost, that it was taken.
/// </summary>
/// <remarks>Refusals: <c>reason-invalid</c>, <c>usage-push-unknown</c>, <c>usage-push-unanswered</c>, <c>usage-push-rejected</c>.</remarks>
/// <param name="MeteringSn">The record.</param>
/// <param name="State"><see cref="UsagePushState.Rejected"/> or <see cref="UsagePushState.Accepted"/>.</param>
/// <param name="Reason">Where it was seen: 1 to 500 characters.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record MarkUsagePush(string MeteringSn, UsagePushState State, string Reason, string By) : ICommand<MarkedUsagePush>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, State is UsagePushState.Rejected ? "mark-usage-push-rejected" : "mark-usage-push-accepted", MeteringSn, Reason);
}

/// <summary>How the record stands now.</summary>
/// <param name="MeteringSn">The record.</param>
/// <param name="State">Where it stands.</param>
public sealed record MarkedUsagePush(string MeteringSn, UsagePushState State);

/// <summary>Send now what waits to be tried again.</summary>
/// <param name="InstanceId">Only this subscription's; null for all.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record RetryUsagePushes(string? InstanceId, string By) : ICommand<RetriedUsagePushes>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "retry-usage-pushes", InstanceId ?? "usage-pushes");
}

/// <summary>What is sent again now.</summary>
/// <param name="Instances">Subscriptions whose refused amounts go out again now.</param>
/// <param name="Records">Unanswered records that are sent again now.</param>
public sealed record RetriedUsagePushes(int Instances, int Records);

/// <summary>Take the market's monthly file: it replaces what was imported for its month, older versions are kept. The same file again changes nothing.</summary>
/// <remarks>Refusals: <c>market-bill-invalid</c>.</remarks>
/// <param name="Csv">The file's text.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record ImportMarketBill(string Csv, string By) : ICommand<MarketBillReport>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "import-market-bill", "market-bill");
}

/// <summary>What an import would do.</summary>
/// <remarks>Refusals: <c>market-bill-invalid</c>.</remarks>
/// <param name="Csv">The file's text.</param>
public sealed record PreviewMarketBill(string Csv) : IQuery<MarketBillReport>;

/// <summary>The market's file of a month, set against the records that it took.</summary>
/// <param name="Month">Such as <c>2026-11</c>.</param>
/// <param name="Version">Of the month; null in a preview.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Billed">The sum of the file.</param>
/// <param name="Accepted">The sum of the records that it is compared with.</param>
/// <param name="Difference">Billed less accepted.</param>
/// <param name="DifferenceCount">By instance and day; the first 200 are shown.</param>
/// <param name="Differences">Those.</param>
public sealed record MarketBillReport(
    string Month, int? Version, int Lines, Money Billed, Money Accepted, Money Difference, long DifferenceCount, IReadOnlyList<MarketBillDay> Differences);

/// <summary>What the market billed for an instance and a day is not what it took.</summary>
/// <param name="InstanceId">The product instance ID.</param>
/// <param name="Day">The day.</param>
/// <param name="Accepted">What it took.</param>
/// <param name="Billed">What it billed.</param>
/// <param name="Difference">Billed less accepted.</param>
/// <param name="NotBilled">Serial numbers of records that stand in no line.</param>
public sealed record MarketBillDay(string InstanceId, DateOnly Day, Money Accepted, Money Billed, Money Difference, IReadOnlyList<string> NotBilled);
