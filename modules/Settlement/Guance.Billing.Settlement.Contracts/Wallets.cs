using Guance.Billing.CloudAccounts.Contracts;

namespace Guance.Billing.Settlement.Contracts;

/// <summary>A billing account with its balances.</summary>
/// <remarks>Refusals: <c>billing-account-unknown</c>.</remarks>
/// <param name="Account">Whose.</param>
public sealed record GetBillingAccount(BillingAccountId Account) : IQuery<BillingAccountView>;

/// <summary>
/// Change the password of a billing account; that of its console users stays as it is (rules §1). Every session of the account ends. Answers false, changing
/// nothing, when <paramref name="Password"/> is not the account's: such tries stay counted, and five block the account for 15 minutes.
/// </summary>
/// <remarks>Refusals: <c>password-invalid</c>, <c>password-unchanged</c>, <c>billing-account-unknown</c>.</remarks>
/// <param name="Account">Whose.</param>
/// <param name="Password">The one until now.</param>
/// <param name="NewPassword">The one from now on.</param>
public sealed record ChangePassword(BillingAccountId Account, string Password, string NewPassword) : ICommand<bool>;

/// <summary>A billing account with its balances.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Username">By which it signs in.</param>
/// <param name="Email">Where its mails go.</param>
/// <param name="Phone">E.164, where it was given.</param>
/// <param name="CompanyName">Its company.</param>
/// <param name="ArbitrarySettlement">Whether every site offers it every method.</param>
/// <param name="Sites">Where it has workspaces.</param>
/// <param name="Balances">What it has, and owes.</param>
/// <param name="ArrearsSince">Since when it is in arrears; null when it is not.</param>
/// <param name="LockAt">When its workspaces are locked for them; null when it is not in arrears.</param>
public sealed record BillingAccountView(
    string Id, string Username, string Email, string? Phone, string CompanyName, bool ArbitrarySettlement, IReadOnlyList<SiteCode> Sites,
    BalancesView Balances, DateTimeOffset? ArrearsSince, DateTimeOffset? LockAt);

/// <summary>What is in the wallet; cash below zero is shown as arrears.</summary>
/// <param name="Cash">Zero or more.</param>
/// <param name="Prepaid">On cards that are valid.</param>
/// <param name="Vouchers">On vouchers that are valid.</param>
/// <param name="Arrears">What is owed; zero or more.</param>
public sealed record BalancesView(Money Cash, Money Prepaid, Money Vouchers, Money Arrears);

/// <summary>Vouchers of a billing account, used and expired ones too; what expires first comes first.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Account">Whose.</param>
/// <param name="OnlyActive">Only those that can still pay.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListVouchers(BillingAccountId Account, bool OnlyActive, int Limit, string? Cursor) : IQuery<Page<VoucherView>>;

/// <summary>A voucher.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>ordinary</c> or <c>full-reduction</c>.</param>
/// <param name="FaceValue">What it was worth at first.</param>
/// <param name="Balance">What is left.</param>
/// <param name="State"><c>active</c>, <c>used</c> or <c>expired</c>.</param>
/// <param name="IssuedAt">When it was given.</param>
/// <param name="ExpiresAt">When what is left becomes void.</param>
public sealed record VoucherView(string Id, string Kind, Money FaceValue, Money Balance, string State, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);

/// <summary>Prepaid cards of a billing account, used and expired ones too; what expires first comes first.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Account">Whose.</param>
/// <param name="OnlyActive">Only those that can still pay.</param>
/// <param name="Limit">1 to 200.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record ListPrepaidCards(BillingAccountId Account, bool OnlyActive, int Limit, string? Cursor) : IQuery<Page<PrepaidCardView>>;

/// <summary>A prepaid card.</summary>
/// <param name="Id">Its number.</param>
/// <param name="FaceValue">What it was worth at first.</param>
/// <param name="Balance">What is left.</param>
/// <param name="State"><c>active</c>, <c>used</c> or <c>expired</c>.</param>
/// <param name="PurchasedAt">When it was bought.</param>
/// <param name="RedeemedAt">When it came into the wallet.</param>
/// <param name="ExpiresAt">When what is left becomes void.</param>
/// <param name="Provider">The cloud on whose market it was bought.</param>
/// <param name="CloudAccountId">The account there that bought it.</param>
/// <param name="OrderNumber">The order there.</param>
public sealed record PrepaidCardView(
    string Id, Money FaceValue, Money Balance, string State, DateTimeOffset PurchasedAt, DateTimeOffset RedeemedAt, DateTimeOffset ExpiresAt,
    CloudProvider? Provider, string? CloudAccountId, string? OrderNumber);

/// <summary>The order of prepaid cards on a cloud's market that somebody wants to redeem, asked of the market now.</summary>
/// <remarks>
/// Refusals: <c>cloud-account-id-required</c>, <c>order-number-invalid</c>, <c>order-unknown</c>, <c>currency-not-accounted</c>. The market not answering is an outage.
/// </remarks>
/// <param name="Provider">The cloud.</param>
/// <param name="CloudAccountId">The account that says it bought.</param>
/// <param name="OrderNumber">The order.</param>
public sealed record FindRedeemableOrder(CloudProvider Provider, string? CloudAccountId, string? OrderNumber) : IQuery<PrepaidCardOrder>;

/// <summary>
/// An order of prepaid cards at a cloud's market comes into the wallet (rules §8): each order once for ever, valid for a year from now; value
/// of it first repays arrears, which lifts their locks at once.
/// </summary>
/// <remarks>Refusals: <c>order-already-redeemed</c>, <c>cloud-account-claimed</c>, <c>face-value-invalid</c>.</remarks>
/// <param name="AccountId">Whose wallet.</param>
/// <param name="Provider">The cloud.</param>
/// <param name="Order">As <see cref="FindRedeemableOrder"/> answered it.</param>
/// <param name="By">Who, as histories name it.</param>
public sealed record RedeemPrepaidCard(BillingAccountId AccountId, CloudProvider Provider, PrepaidCardOrder Order, string By) : ICommand<PrepaidCardView>;

/// <summary>Income and expenditure of a billing account.</summary>
/// <remarks>Refusals: <c>limit-invalid</c>.</remarks>
/// <param name="Account">Whose.</param>
/// <param name="From">The first date of the billing time zone; null from the beginning.</param>
/// <param name="To">The last date; null to the end.</param>
/// <param name="NewestFirst">In this order; else oldest first.</param>
/// <param name="Limit">1 to 500.</param>
/// <param name="Cursor">The <c>NextCursor</c> of the page before; null for the first page.</param>
public sealed record GetJournal(BillingAccountId Account, DateOnly? From, DateOnly? To, bool NewestFirst, int Limit, long? Cursor) : IQuery<Page<JournalRow>>;

/// <summary>An entry of income and expenditure.</summary>
/// <param name="Seq">Its number in the account's journal.</param>
/// <param name="At">When it was booked.</param>
/// <param name="Date">That instant's date in the billing time zone.</param>
/// <param name="What">What moved money, such as <c>usage-charged</c>.</param>
/// <param name="Reference">The bill, voucher or card; or who gave the cash.</param>
/// <param name="Day">The billing day that it is about.</param>
/// <param name="Amounts">What each ledger gained; together zero.</param>
/// <param name="Cash">The cash afterwards; negative in arrears.</param>
public sealed record JournalRow(
    long Seq, DateTimeOffset At, DateOnly Date, string What, string Reference, DateOnly? Day, IReadOnlyList<LedgerAmount> Amounts, Money Cash);

/// <summary>An amount on a ledger.</summary>
/// <param name="Ledger"><c>cash</c>, <c>usage</c>, <c>voucher:…</c>, <c>card:…</c>, <c>cloud:…</c> or <c>outside:…</c>.</param>
/// <param name="Amount">What it gained.</param>
public sealed record LedgerAmount(string Ledger, Money Amount);
