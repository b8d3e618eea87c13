namespace Guance.Billing.Settlement;

internal static class PageSize
{
    /// <exception cref="BillingRefusal"><c>limit-invalid</c>: a page holds one to <paramref name="max"/>.</exception>
    public static void Check(int limit, int max, string what)
    {
        if (limit < 1 || limit > max)
        {
            throw BillingRefusal.InvalidField("limit", "limit-invalid", $"A page holds 1 to {max} {what}.");
        }
    }
}
