using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Documents;

/// <summary>What money paid a part of a month's bills.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PaidFrom>))]
internal enum PaidFrom
{
    [JsonStringEnumMemberName("ordinary-voucher")]
    OrdinaryVoucher,

    [JsonStringEnumMemberName("full-reduction-voucher")]
    FullReductionVoucher,

    [JsonStringEnumMemberName("prepaid-card")]
    PrepaidCard,

    [JsonStringEnumMemberName("cash")]
    Cash,

    /// <summary>What cash did not cover when the day was billed: it was left owing.</summary>
    [JsonStringEnumMemberName("arrears")]
    Arrears,

    /// <summary>The cloud account pays it to the cloud vendor.</summary>
    [JsonStringEnumMemberName("cloud-account")]
    CloudAccount,
}

/// <summary>A billing account's month: the sum of the daily bills of its days.</summary>
/// <param name="Id">By which it is referred to.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="Username">Its username.</param>
/// <param name="CompanyName">Its company.</param>
/// <param name="Month"><c>yyyy-MM</c>, of the time zone.</param>
/// <param name="TimeZone">The billing time zone: its midnights part the days.</param>
/// <param name="From">The month's first instant.</param>
/// <param name="To">The first instant after it.</param>
/// <param name="Total">All charges, adjustments of earlier days included.</param>
/// <param name="Payers">By who was charged.</param>
/// <param name="Sites">By site and workspace.</param>
/// <param name="Items">By item and retention.</param>
/// <param name="PaidBy">How it was paid; adds up to the total.</param>
/// <param name="Adjustments">What corrects earlier days; it is part of the total.</param>
/// <param name="Notes">What the reader should know.</param>
internal sealed record MonthlyBill(
    string Id,
    BillingAccountId BillingAccountId,
    string Username,
    string CompanyName,
    string Month,
    string TimeZone,
    DateTimeOffset From,
    DateTimeOffset To,
    Money Total,
    IReadOnlyList<MonthlyPayer> Payers,
    IReadOnlyList<MonthlySite> Sites,
    IReadOnlyList<MonthlyItem> Items,
    IReadOnlyList<MonthlyPayment> PaidBy,
    MonthlyAdjustments Adjustments,
    IReadOnlyList<MonthlyNote> Notes)
{
    public static string IdOf(BillingAccountId account, BillingMonth month) =>
        $"bill_{month.ToString().Replace("-", "", StringComparison.Ordinal)}_{account.Value[BillingAccountId.Prefix.Length..]}";
}

/// <param name="Payer"><c>billing-center</c>, or the cloud subscription as <c>provider/instanceId</c>.</param>
/// <param name="CloudAccountId">The cloud account that holds the subscription, where it is known.</param>
/// <param name="InvoicedBy">Who makes the invoice: <c>guance</c>, or the cloud vendor.</param>
/// <param name="Total">The charges, before vouchers and cards.</param>
internal sealed record MonthlyPayer(string Payer, string? CloudAccountId, string InvoicedBy, Money Total);

internal sealed record MonthlySite(SiteCode Site, string Name, Money Total, IReadOnlyList<MonthlyWorkspace> Workspaces);

internal sealed record MonthlyWorkspace(WorkspaceId WorkspaceId, string Name, Money Total);

/// <param name="Item">The item.</param>
/// <param name="RetentionDays">The retention, where it is priced by it.</param>
/// <param name="Quantity">The days' quantities, added up.</param>
/// <param name="Unit">Of the quantity.</param>
/// <param name="Total">The charges.</param>
internal sealed record MonthlyItem(string Item, int? RetentionDays, decimal Quantity, string Unit, Money Total);

/// <param name="From">What kind of money.</param>
/// <param name="Payer">The cloud subscription, of a cloud account.</param>
/// <param name="CloudAccountId">The cloud account, where it is known.</param>
/// <param name="Amount">How much.</param>
internal sealed record MonthlyPayment(PaidFrom From, string? Payer, string? CloudAccountId, Money Amount);

/// <param name="Total">All of them.</param>
/// <param name="Count">How many there are; more than are listed stand in the CSV.</param>
/// <param name="Items">Oldest day first, the first of them.</param>
internal sealed record MonthlyAdjustments(Money Total, long Count, IReadOnlyList<MonthlyAdjustment> Items)
{
    public const int ListedMax = 500;
}

/// <summary>A line that corrects an earlier day's charge.</summary>
internal sealed record MonthlyAdjustment(
    string LineId, DateOnly AdjustsDate, DateOnly BilledDate, WorkspaceId WorkspaceId, string WorkspaceName, string Item, int? RetentionDays, string Payer, Money Amount);

/// <param name="Code">What it is about.</param>
/// <param name="Text">A sentence.</param>
internal sealed record MonthlyNote(string Code, string Text);

/// <summary>Who pays, as bills name it.</summary>
internal static class Payers
{
    public static bool IsCloud(string payer) => payer != SettlementMethod.BillingCenter.Value;

    /// <summary>The cloud of a payer; null of the Billing Center.</summary>
    public static string? Provider(string payer) => IsCloud(payer) ? payer.Split('/')[0] : null;

    public static string Instance(string payer) => payer[(payer.IndexOf('/', StringComparison.Ordinal) + 1)..];

    public static string InvoicedBy(string payer) => Provider(payer) ?? "guance";
}
