using System.Globalization;

namespace Guance.Billing.CloudAccounts.ReadModels;

/// <summary>Pages of what is in order of an instant and then of a text: the cursor is the last item's.</summary>
internal static class Paging
{
    private const int LimitMax = 200;

    public static void CheckLimit(int limit) => PageSize.Check(limit, LimitMax, "items");

    public static string Cursor(DateTimeOffset at, string key) => $"{at.UtcTicks}_{key}";

    /// <summary>Where the page begins; null at the first.</summary>
    public static (DateTimeOffset At, string Key)? Read(string? cursor)
    {
        if (cursor is null)
        {
            return null;
        }

        var split = cursor.IndexOf('_', StringComparison.Ordinal);
        return split > 0 && long.TryParse(cursor.AsSpan(0, split), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) && ticks <= DateTimeOffset.MaxValue.Ticks
            ? (new DateTimeOffset(ticks, TimeSpan.Zero), cursor[(split + 1)..])
            : throw BillingRefusal.InvalidField("cursor", "cursor-invalid", "Give the nextCursor of the page before, or none for the first page.");
    }
}
