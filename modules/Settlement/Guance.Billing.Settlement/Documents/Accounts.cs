using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement.Documents;

internal static class Accounts
{
    /// <summary>The account whose documents are asked for: a billing user's own; a client names it.</summary>
    /// <exception cref="BillingRefusal"><c>account-id-required</c>; <c>billing-account-unknown</c>: no such account, or not the user's.</exception>
    public static async Task<BillingAccount> AccountOfDocumentsAsync(this IQuerySession session, Caller caller, BillingAccountId? asked, CancellationToken ct)
    {
        if (caller.OnlyAccount() is null && asked is null)
        {
            throw BillingRefusal.InvalidField("billingAccountId", "account-id-required", "Say whose by ?billingAccountId=: the billing account's id.");
        }

        return await session.LoadAsync<BillingAccount>(caller.AccountAsked(asked).Value, ct) ?? throw SettlementRefusals.BillingAccountUnknown();
    }
}
