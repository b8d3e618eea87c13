namespace Guance.Billing.SharedKernel;

/// <summary>A page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">In the list's order.</param>
/// <param name="NextCursor">Where to go on; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>How much of a list may be asked for at once.</summary>
public static class PageSize
{
    /// <summary>Refuses a page that holds nothing, or too much.</summary>
    /// <param name="limit">How much was asked for.</param>
    /// <param name="max">The most.</param>
    /// <param name="what">What is listed, in the plural.</param>
    /// <exception cref="BillingRefusal"><c>limit-invalid</c>: a page holds one to <paramref name="max"/>.</exception>
    public static void Check(int limit, int max, string what)
    {
        if (limit < 1 || limit > max)
        {
            throw BillingRefusal.InvalidField("limit", "limit-invalid", $"A page holds 1 to {max} {what}.");
        }
    }
}
