using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Workspaces.Domain;

/// <summary>What a workspace's life says of usage: from when to when it may have some.</summary>
/// <param name="CreatedAt">Since when it exists; null if it does not.</param>
/// <param name="BufferEndsAt">When the present lock's buffer ends or ended.</param>
/// <param name="DissolvedAt">When it was dissolved.</param>
internal sealed record UsageWindow(DateTimeOffset? CreatedAt, DateTimeOffset? BufferEndsAt, DateTimeOffset? DissolvedAt)
{
    public static UsageWindow None { get; } = new(null, null, null);
}

/// <summary>Which usage a site takes (rules §6, §7). Pure: the code of what is wrong with an event, or null.</summary>
internal static class UsageRules
{
    public const string EventInvalid = "event-invalid";
    public const string UnknownWorkspace = "unknown-workspace";
    public const string UnknownItem = "unknown-item";
    public const string UnknownRetention = "unknown-retention";
    public const string QuantityInvalid = "quantity-invalid";
    public const string TimeInvalid = "time-invalid";
    public const string TimeInFuture = "time-in-future";
    public const string TimeTooOld = "time-too-old";
    public const string BeforeWorkspace = "before-workspace";
    public const string WorkspaceExpired = "workspace-expired";
    public const string WorkspaceDissolved = "workspace-dissolved";
    public const string EventIdReused = "event-id-reused";

    /// <summary>More than that at once is a mistake; sums of it stay far within what is exact.</summary>
    public const decimal QuantityMax = 1_000_000_000_000_000m;
    public const int Decimals = 6;

    /// <summary>How far an agent's clock may be ahead of the site's.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromMinutes(10);

    public static bool IsQuantity(decimal quantity) => quantity is >= 0 and <= QuantityMax && decimal.Round(quantity, Decimals) == quantity;

    /// <summary>
    /// The retention under which usage of an item is counted: the one that it names, the item's default where it names none, and 0 where the
    /// item has one price, whatever it names. Null: the item is not priced by what it names.
    /// </summary>
    public static int? Retention(MeteredItem item, int? named) =>
        item.RetentionDays.Count == 0 ? 0
        : named is null ? item.DefaultRetentionDays ?? item.RetentionDays[0]
        : item.RetentionDays.Contains(named.Value) ? named
        : null;

    /// <summary>What is wrong with the time of usage of a workspace, if anything.</summary>
    public static string? Refusal(UsageWindow workspace, DateTimeOffset time, DateTimeOffset now) =>
        workspace.CreatedAt is not { } createdAt ? UnknownWorkspace
        : time > now + AheadMax ? TimeInFuture
        : time < createdAt ? BeforeWorkspace
        : time < now - UsageAge.Max ? TimeTooOld
        : time >= workspace.DissolvedAt ? WorkspaceDissolved
        : time >= workspace.BufferEndsAt ? WorkspaceExpired
        : null;
}
