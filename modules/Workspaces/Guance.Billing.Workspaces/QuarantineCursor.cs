using System.Globalization;

namespace Guance.Billing.Workspaces;

/// <summary>Where a list of the quarantine goes on: after an event.</summary>
internal static class QuarantineCursor
{
    public static string Of(long id) => id.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="BillingRefusal"><c>cursor-unknown</c></exception>
    public static long Read(string? cursor) =>
        cursor is null ? 0
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
        : throw BillingRefusal.InvalidField("cursor", "cursor-unknown", "Send the nextCursor of the page before, or no cursor for the first page.");
}
