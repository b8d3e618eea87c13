using Guance.Billing.Settlement.Tables;

namespace Guance.Billing.Settlement;

internal static class UnlockLinks
{
    /// <exception cref="BillingRefusal"><c>link-unknown</c>, <c>link-used</c>, <c>link-expired</c>.</exception>
    public static UnlockLinkRow Usable(UnlockLinkRow? link, DateTimeOffset now) => link switch
    {
        null => throw BillingRefusal.NotFound("link-unknown", "There is no such link. Open the lock page of your workspace and choose Unlock Now again."),
        { UsedAt: not null } => throw BillingRefusal.Conflict("link-used", "This link was used already; a link works once. If the workspace is locked, choose Unlock Now on its lock page again."),
        _ when now >= link.ExpiresAt => throw BillingRefusal.Conflict("link-expired", "This link has expired; it works for ten minutes. Choose Unlock Now on the workspace's lock page again."),
        _ => link,
    };
}
