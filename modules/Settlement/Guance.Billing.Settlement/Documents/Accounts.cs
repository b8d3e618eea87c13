using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement.Documents;

internal static class Accounts
{
    /// <summary>The account whose documents are asked for: a billing user's own; a client names it.</summary>
    /// <exception cref="BillingRefusal"><c>account-id-required</c>; <c>billing-account-unknown</c>: not the user's.</exception>
    public static BillingAccountId AccountOfDocuments(this Caller caller, BillingAccountId? asked) => caller.OnlyAccount() is null && asked is null
        ? throw BillingRefusal.InvalidField("billingAccountId", "account-id-required", "Say whose by ?billingAccountId=: the billing account's id.")
        : caller.AccountAsked(asked);

    /// <exception cref="BillingRefusal"><c>billing-account-unknown</c>.</exception>
    public static async Task<BillingAccount> AccountAsync(this IQuerySession session, BillingAccountId account, CancellationToken ct) =>
        await session.LoadAsync<BillingAccount>(account.Value, ct) ?? throw SettlementRefusals.BillingAccountUnknown();

    /// <summary>The account whose documents are asked for, if there is one.</summary>
    /// <exception cref="BillingRefusal"><c>account-id-required</c>; <c>billing-account-unknown</c>: no such account, or not the user's.</exception>
    public static Task<BillingAccount> AccountOfDocumentsAsync(this IQuerySession session, Caller caller, BillingAccountId? asked, CancellationToken ct) =>
        session.AccountAsync(caller.AccountOfDocuments(asked), ct);
}
