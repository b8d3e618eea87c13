using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;

namespace Guance.Billing.Settlement;

/// <summary>
/// Keeps noting totals and publishing prices (shared) apart from taking up a day to close (alone), so that what is noted is either seen by the day's run or
/// known to be late, and no price of a closed day changes.
/// </summary>
internal static class UsageLock
{
    private static readonly long Key = Ids.LockKey("settlement", "usage");

    public static Task HoldSharedAsync(UnitOfWork work, CancellationToken ct) => HoldAsync(work, "pg_advisory_xact_lock_shared", ct);

    public static Task HoldAloneAsync(UnitOfWork work, CancellationToken ct) => HoldAsync(work, "pg_advisory_xact_lock", ct);

    private static async Task HoldAsync(UnitOfWork work, string function, CancellationToken ct)
    {
        await using var hold = work.Command($"select {function}($1)", Key);
        await hold.ExecuteNonQueryAsync(ct);
    }
}
