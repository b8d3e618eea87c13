using System.Globalization;

namespace Guance.Billing.Settlement.Domain;

/// <summary>Every no of this module that more than one use case says: stable codes, and sentences that say what to do.</summary>
internal static class SettlementRefusals
{
    public static BillingRefusal WorkspaceUnknown() =>
        BillingRefusal.NotFound("workspace-unknown", "There is no such workspace in this billing account. Check the workspace's id.");

    public static BillingRefusal BillingAccountUnknown() => BillingRefusal.NotFound("billing-account-unknown", "There is no such billing account. Check its id.");

    public static BillingRefusal IdempotencyKeyReused() => BillingRefusal.Conflict("idempotency-key-reused",
        "This Idempotency-Key was used for another request. Use a new key for a new request, or send the first request unchanged.");

    public static BillingRefusal WorkspaceDissolved() =>
        BillingRefusal.Conflict("workspace-dissolved", "This workspace was dissolved; that cannot be undone. Create another workspace.");

    public static BillingRefusal WorkspaceIsLocked() =>
        BillingRefusal.Conflict("workspace-locked", "This workspace is locked, so its settlement method cannot be changed. Unlock it first.");

    public static BillingRefusal Stale(int version) => new(RefusalKind.Stale, "stale",
        "Somebody else has changed this workspace since you read it. Read it again, then decide.", Details(("version", version)));

    public static BillingRefusal ChangeLimitReached(DateTimeOffset nextChangeAt) => BillingRefusal.Conflict("change-limit-reached",
        $"The settlement method of a workspace can be changed once per calendar month. The next change is possible at {Utc(nextChangeAt)}.",
        Details(("nextChangeAt", nextChangeAt)));

    public static BillingRefusal CloudSubscriptionOpen(CloudInstanceKey instance) => BillingRefusal.Conflict("cloud-subscription-open",
        $"This workspace is settled by the open cloud subscription {instance.InstanceId}. Cancel that subscription at the cloud market first.");

    public static BillingRefusal ClosingUnderWay() => BillingRefusal.Conflict("closing-under-way",
        "The cloud subscription of this workspace was just closed and the workspace is being locked. Try again in a minute.");

    public static BillingRefusal CloudSubscriptionUnknown(string? marketUrl) => BillingRefusal.Unprocessable("cloud-subscription-unknown",
        "No open subscription has this account ID and product instance ID. Copy both from the cloud's console, or buy the product on the market.",
        Details(("marketUrl", marketUrl)));

    public static BillingRefusal CloudSubscriptionNotReady() => BillingRefusal.Conflict("cloud-subscription-not-ready",
        "The market has not confirmed the order of this subscription yet. Try again in a few minutes.");

    public static BillingRefusal CloudSubscriptionClosed() => BillingRefusal.Conflict("cloud-subscription-closed",
        "This cloud subscription is closed. Buy the product again on the market and use its new product instance ID.");

    public static BillingRefusal CloudSubscriptionFrozen() => BillingRefusal.Conflict("cloud-subscription-frozen",
        "This cloud subscription is frozen. Settle what is due at the cloud market until it is active again, then try again.");

    public static BillingRefusal CloudAccountClaimed() => BillingRefusal.Conflict("cloud-account-claimed",
        "This cloud account belongs to another billing account already. Sign in to that billing account, or use another cloud account.");

    public static BillingRefusal CloudAccountUnknown(string? marketUrl) => BillingRefusal.Unprocessable("cloud-account-unknown",
        "No open subscription of this cloud account is known. Buy the product on the market first; it takes a moment to arrive. Then try again.",
        Details(("marketUrl", marketUrl)));

    public static BillingRefusal MethodNotOffered() => BillingRefusal.Unprocessable("method-not-offered",
        "This settlement method is not offered here. Choose one of the offered methods, or ask for arbitrary settlement selection.");

    public static BillingRefusal OperatorLockHolds() => BillingRefusal.Conflict("operator-lock-holds",
        "An operator has locked this workspace. Contact support to have it unlocked.");

    public static BillingRefusal AccountInArrears() => BillingRefusal.Conflict("account-in-arrears",
        "The billing account is in arrears. Recharge it first: that unlocks what is locked for it. Then try again.");

    public static IReadOnlyDictionary<string, object?> Details(params (string Key, object? Value)[] members) =>
        members.Where(member => member.Value is not null).ToDictionary(member => member.Key, member => member.Value, StringComparer.Ordinal);

    private static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
