using Guance.Billing.Workspaces.Domain;
using static Guance.Billing.Workspaces.Tests.Domain.Fold;

namespace Guance.Billing.Workspaces.Tests.Domain;

/// <summary>What may be done with a workspace, by how it stands and the time (rules §6).</summary>
public sealed class WorkspaceAccessSpecs
{
    private static readonly object[] Arrears = [Created, Bound, Locked(LockReason.Arrears, Day0, 2)];
    private static readonly object[] TwoReasons = [.. Arrears, Locked(LockReason.SubscriptionClosed, Day0.AddDays(10), 3, lockedSince: Day0, closingId: "c")];

    public static TheoryData<string, string, bool, bool, LockReason[], DateTimeOffset?> Table { get; } = new()
    {
        { "never locked", "Normal", true, true, [], null },
        { "at the lock", "Locked", true, true, [LockReason.Arrears], Day0.AddDays(14) },
        { "a tick before 14 days", "Locked", true, true, [LockReason.Arrears], Day0.AddDays(14) },
        { "exactly 14 days", "Expired", false, false, [LockReason.Arrears], null },
        { "expiry not recorded for a year", "Expired", false, false, [LockReason.Arrears], null },
        { "a further reason on day 10, on day 13", "Locked", true, true, [LockReason.Arrears, LockReason.SubscriptionClosed], Day0.AddDays(14) },
        { "a further reason on day 10, on day 14", "Expired", false, false, [LockReason.Arrears, LockReason.SubscriptionClosed], null },
        { "unlocked in the buffer", "Normal", true, true, [], null },
        { "unlocked after its expiry was recorded", "Normal", true, true, [], null },
        { "dissolved while locked", "Dissolved", false, false, [], null },
        { "locked after it was dissolved", "Dissolved", false, false, [], null },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Access_follows_from_the_lock_and_the_time_alone(string given, string state, bool mayIngest, bool mayView, LockReason[] reasons, DateTimeOffset? until)
    {
        var expired = new WorkspaceExpired(Day0.AddDays(14));
        var dissolved = new WorkspaceDissolved("user:ann", Day0.AddDays(1));
        var (workspace, now) = given switch
        {
            "never locked" => (Of(Created, Bound), Day0.AddYears(1)),
            "at the lock" => (Of(Arrears), Day0),
            "a tick before 14 days" => (Of(Arrears), Day0.AddDays(14).AddTicks(-1)),
            "exactly 14 days" => (Of(Arrears), Day0.AddDays(14)),
            "expiry not recorded for a year" => (Of(Arrears), Day0.AddYears(1)),
            "a further reason on day 10, on day 13" => (Of(TwoReasons), Day0.AddDays(13)),
            "a further reason on day 10, on day 14" => (Of(TwoReasons), Day0.AddDays(14)),
            "unlocked in the buffer" => (Of([.. Arrears, new UnlockedNoted(Day0.AddDays(2), 3)]), Day0.AddDays(2)),
            "unlocked after its expiry was recorded" => (Of([.. Arrears, expired, new UnlockedNoted(Day0.AddDays(20), 3)]), Day0.AddDays(20)),
            "dissolved while locked" => (Of([.. Arrears, dissolved]), Day0.AddDays(2)),
            "locked after it was dissolved" => (Of([Created, Bound, dissolved, Locked(LockReason.Operator, Day0.AddDays(2), 3)]), Day0.AddDays(2)),
            _ => throw new ArgumentOutOfRangeException(nameof(given)),
        };

        var access = AccessDecider.Decide(workspace, now);

        access.State.ToString().ShouldBe(state);
        access.MayIngest.ShouldBe(mayIngest);
        access.MayView.ShouldBe(mayView);
        access.Reasons.ShouldBe(reasons);
        access.Until.ShouldBe(until);
    }
}
