using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Marten;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>Reads billing accounts as they are shown: the user, the account and its wallet.</summary>
internal sealed class BillingAccountReader(IQuerySession session, CreditReader credits)
{
    /// <summary>The user's account; null where there is no such user or account.</summary>
    public async Task<BillingAccountView?> ReadAsync(BillingUser? user, CancellationToken ct)
    {
        if (user is null || await session.LoadAsync<BillingAccount>(user.AccountId, ct) is not { } account)
        {
            return null;
        }

        var wallet = await credits.WalletAsync(BillingAccountId.Of(account.Id), ct);
        return new(
            account.Id, user.Username, user.Email, user.Phone, user.CompanyName, account.ArbitrarySettlement, account.Sites, wallet.Balances, wallet.ArrearsSince, wallet.LockAt);
    }
}
