using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement;

/// <summary>Claims cloud accounts for billing accounts: the first that claims one has it (rules §1).</summary>
internal sealed class Claims(IDocumentSession session, IMailbox mailbox)
{
    /// <summary>Claims the account that owns the subscription. Claimed by this billing account already: nothing to do.</summary>
    /// <param name="subscription">An active subscription; its order is known.</param>
    /// <param name="account">The billing account.</param>
    /// <param name="username">Its username.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="BillingRefusal"><c>cloud-account-claimed</c>: another billing account has it.</exception>
    public async Task ClaimAsync(CloudSubscriptionFacts subscription, BillingAccountId account, string username, DateTimeOffset now, CancellationToken ct)
    {
        var accountId = subscription.AccountId ?? throw new InvalidOperationException("An active subscription has an owner.");
        var key = CloudAccountClaim.Key(subscription.Provider, accountId);
        var claim = await session.LoadAsync<CloudAccountClaim>(key, ct);
        if (claim is not null)
        {
            if (claim.Account != account)
            {
                throw SettlementRefusals.CloudAccountClaimed();
            }

            return;
        }

        session.Events.StartStream<CloudAccountClaim>(key, new CloudAccountClaimed(subscription.Provider, accountId, account, now));
        if (subscription.BuyerEmail is { Length: > 0 } buyer)
        {
            await mailbox.QueueAsync([Mails.CloudAccountClaimed(subscription.Provider, accountId, buyer, username)], ct);
        }
    }
}
