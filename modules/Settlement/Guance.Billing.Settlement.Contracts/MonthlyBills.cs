using System.Text.Json.Serialization;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>A month's bill, from the 4th of the next month on.</summary>
/// <remarks>Refusals: <c>month-invalid</c>, <c>bill-not-ready</c>, <c>billing-account-unknown</c>.</remarks>
/// <param name="Account">Whose.</param>
/// <param name="Month"><c>yyyy-MM</c>, of the billing time zone.</param>
public sealed record GetMonthlyBill(BillingAccountId Account, string Month) : IQuery<MonthlyBill>;

/// <summary>What money paid a part of a month's bills.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PaidFrom>))]
public enum PaidFrom
{
    /// <summary>An ordinary voucher.</summary>
    [JsonStringEnumMemberName("ordinary-voucher")]
    OrdinaryVoucher,

    /// <summary>A full-reduction voucher.</summary>
    [JsonStringEnumMemberName("full-reduction-voucher")]
    FullReductionVoucher,

    /// <summary>A prepaid card.</summary>
    [JsonStringEnumMemberName("prepaid-card")]
    PrepaidCard,

    /// <summary>Cash.</summary>
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
public sealed record MonthlyBill(
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
    IReadOnlyList<MonthlyNote> Notes);

/// <summary>Who was charged.</summary>
/// <param name="Payer"><c>billing-center</c>, or the cloud subscription as <c>provider/instanceId</c>.</param>
/// <param name="CloudAccountId">The cloud account that holds the subscription, where it is known.</param>
/// <param name="InvoicedBy">Who makes the invoice: <c>guance</c>, or the cloud vendor.</param>
/// <param name="Total">The charges, before vouchers and cards.</param>
public sealed record MonthlyPayer(string Payer, string? CloudAccountId, string InvoicedBy, Money Total);

/// <summary>What a site came to.</summary>
/// <param name="Site">The site.</param>
/// <param name="Name">Its name.</param>
/// <param name="Total">The charges.</param>
/// <param name="Workspaces">Its workspaces.</param>
public sealed record MonthlySite(SiteCode Site, string Name, Money Total, IReadOnlyList<MonthlyWorkspace> Workspaces);

/// <summary>What a workspace came to.</summary>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Total">The charges.</param>
public sealed record MonthlyWorkspace(WorkspaceId WorkspaceId, string Name, Money Total);

/// <summary>What an item came to.</summary>
/// <param name="Item">The item.</param>
/// <param name="RetentionDays">The retention, where it is priced by it.</param>
/// <param name="Quantity">The days' quantities, added up.</param>
/// <param name="Unit">Of the quantity.</param>
/// <param name="Total">The charges.</param>
public sealed record MonthlyItem(string Item, int? RetentionDays, decimal Quantity, string Unit, Money Total);

/// <summary>How a part of it was paid.</summary>
/// <param name="From">What kind of money.</param>
/// <param name="Payer">The cloud subscription, of a cloud account.</param>
/// <param name="CloudAccountId">The cloud account, where it is known.</param>
/// <param name="Amount">How much.</param>
public sealed record MonthlyPayment(PaidFrom From, string? Payer, string? CloudAccountId, Money Amount);

/// <summary>What corrects earlier days.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Count">How many there are; more than are listed stand in the CSV.</param>
/// <param name="Items">Oldest day first, the first of them.</param>
public sealed record MonthlyAdjustments(Money Total, long Count, IReadOnlyList<MonthlyAdjustment> Items);

/// <summary>A line that corrects an earlier day's charge.</summary>
/// <param name="LineId">The line, by which the charge is explained.</param>
/// <param name="AdjustsDate">The day that it corrects.</param>
/// <param name="BilledDate">The day on whose bill it stands.</param>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="WorkspaceName">Its name.</param>
/// <param name="Item">The item.</param>
/// <param name="RetentionDays">The retention, where it is priced by it.</param>
/// <param name="Payer">Who pays.</param>
/// <param name="Amount">What it adds; negative where it gives back.</param>
public sealed record MonthlyAdjustment(
    string LineId, DateOnly AdjustsDate, DateOnly BilledDate, WorkspaceId WorkspaceId, string WorkspaceName, string Item, int? RetentionDays, string Payer, Money Amount);

/// <summary>What the reader should know.</summary>
/// <param name="Code">What it is about.</param>
/// <param name="Text">A sentence.</param>
public sealed record MonthlyNote(string Code, string Text);
