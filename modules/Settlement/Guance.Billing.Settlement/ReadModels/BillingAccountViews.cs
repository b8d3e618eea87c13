using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>What is shown of billing accounts.</summary>
internal static class BillingAccountViews
{
    public static BillingAccountView Of(BillingAccount account, BillingUser user, WalletView wallet) => new(
        account.Id, user.Username, user.Email, user.Phone, user.CompanyName, account.ArbitrarySettlement, account.Sites, wallet.Balances, wallet.ArrearsSince, wallet.LockAt);
}
