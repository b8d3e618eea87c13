namespace Guance.Billing.SharedKernel;

/// <summary>How old usage may be (rules §7).</summary>
public static class UsageAge
{
    /// <summary>Usage that is older when it comes is not taken: 400 days.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(400);
}
