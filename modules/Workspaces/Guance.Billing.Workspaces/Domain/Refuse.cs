namespace Guance.Billing.Workspaces.Domain;

/// <summary>The module's refusals.</summary>
internal static class Refuse
{
    public static BillingRefusal NotFound() => BillingRefusal.NotFound(
        "workspace-not-found", "There is no such workspace of yours. GET /api/workspaces lists them.");

    public static BillingRefusal ConfirmationMismatch() => BillingRefusal.Unprocessable(
        "confirmation-mismatch", "Dissolving cannot be undone: type the workspace's name exactly as it is shown to confirm.");

    public static BillingRefusal NotLocked() => BillingRefusal.Conflict(
        "not-locked", "This workspace is not locked: there is nothing to unlock.");

    public static BillingRefusal BillingCenterUnreachable() => new(
        RefusalKind.Unavailable,
        "billing-center-unreachable",
        "The Billing Center cannot be reached just now. The workspace stays as it is; try again in a few minutes.");
}
