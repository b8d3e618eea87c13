using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Domain.WorkspaceSettlementDecider;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Rules §4.</summary>
public sealed class ChangingTheMethod
{
    private static readonly WantedMethod Huawei = WantedMethod.By(Purchase);

    [Fact]
    public void A_workspace_settled_by_the_Billing_Center_moves_to_a_cloud_account_at_a_stated_instant()
    {
        var now = Day0.AddDays(3);
        var change = ChangeMethod(SettledByBillingCenter(), Huawei, "user:li", now).ShouldHaveSingleItem().ShouldBeOfType<WorkspaceMethodChanged>();
        change.ShouldBe(new(Cn4, SettlementMethod.BillingCenter, Huawei.Method, Purchase, MethodChangeCause.User, "user:li", now));
        var after = SettledByBillingCenter().With([change]);
        after.Cloud.ShouldBe(Purchase);
        after.MethodSince.ShouldBe(now);
    }

    [Fact]
    public void The_same_method_again_is_accepted_and_does_nothing() => ChangeMethod(SettledBy(Purchase), Huawei, "user:li", Day0).ShouldBeEmpty();

    [Fact]
    public void The_choice_at_registration_does_not_count_as_a_change() =>
        MayChangeMethod(SettledByBillingCenter(), LinkState.None, China, Day0.AddHours(1));

    [Theory]
    [InlineData("2026-11-30T15:59:59Z", false)]
    [InlineData("2026-11-30T16:00:00Z", true)] // the first of December at 00:00 in China
    public void A_second_change_waits_for_the_next_calendar_month_of_the_billing_time_zone(string now, bool allowed)
    {
        var state = SettledByBillingCenter() with { UserChangedAt = DateTimeOffset.Parse("2026-11-15T00:00:00Z", null) };
        var change = () => MayChangeMethod(state, LinkState.None, China, DateTimeOffset.Parse(now, null));
        if (allowed)
        {
            change.ShouldNotThrow();
            return;
        }

        change.ShouldBeRefused("change-limit-reached");
        Should.Throw<BillingRefusal>(change).Details["nextChangeAt"].ShouldBe(DateTimeOffset.Parse("2026-11-30T16:00:00Z", null));
        Should.Throw<BillingRefusal>(change).Message.ShouldContain("2026-11-30T16:00:00Z");
    }

    [Fact]
    public void The_last_moment_of_a_month_in_China_is_not_the_month_that_UTC_shows()
    {
        // 31 October 16:30 UTC is 1 November in China: the change belongs to November there.
        var state = SettledByBillingCenter() with { UserChangedAt = DateTimeOffset.Parse("2026-10-31T16:30:00Z", null) };
        var change = () => MayChangeMethod(state, LinkState.None, China, DateTimeOffset.Parse("2026-11-20T00:00:00Z", null));
        change.ShouldBeRefused("change-limit-reached");
    }

    [Fact]
    public void A_cloud_account_cannot_be_left_while_its_subscription_is_open()
    {
        var change = () => MayChangeMethod(SettledBy(Purchase), LinkState.Open, China, Day0);
        change.ShouldBeRefused("cloud-subscription-open");
    }

    [Fact]
    public void A_cloud_account_cannot_be_left_just_before_its_closing_locks_the_workspace()
    {
        var change = () => MayChangeMethod(SettledBy(Purchase), LinkState.Closed, China, Day0);
        change.ShouldBeRefused("closing-under-way");
    }

    [Fact]
    public void A_dissolved_workspace_is_not_changed()
    {
        var state = SettledByBillingCenter().With([new WorkspaceDissolved(Cn4, Day0, "user:li")]);
        var change = () => MayChangeMethod(state, LinkState.None, China, Day0);
        change.ShouldBeRefused("workspace-dissolved");
    }

    [Theory]
    [InlineData(LockReason.Arrears)]
    [InlineData(LockReason.Operator)]
    public void A_locked_workspace_is_not_changed(LockReason reason)
    {
        var change = () => MayChangeMethod(SettledByBillingCenter().Locked(reason), LinkState.None, China, Day0.AddDays(2));
        change.ShouldBeRefused("workspace-locked");
    }

    [Fact]
    public void A_new_subscription_bound_after_a_cancellation_unlocks_and_does_not_count_as_a_change()
    {
        var state = SettledByBillingCenter() with { UserChangedAt = Day0 };
        state = state.With(ChangeMethod(state, Huawei, "user:li", Day0)).Cancelled();
        state.Reasons.ShouldBe([LockReason.SubscriptionClosed]);

        MayChangeMethod(state, LinkState.None, China, Day0.AddDays(2));
        var events = ChangeMethod(state, WantedMethod.By(SecondPurchase), "user:li", Day0.AddDays(2));

        var after = state.With(events);
        after.LockAt(Day0.AddDays(2)).ShouldBe(LockState.Normal);
        after.Cloud.ShouldBe(SecondPurchase);
        after.UserChangedAt.ShouldBe(Day0);
    }

    [Fact]
    public void A_new_subscription_does_not_lift_an_operators_lock()
    {
        var state = SettledBy(Purchase).Cancelled().Locked(LockReason.Operator);
        var change = () => MayChangeMethod(state, LinkState.None, China, Day0.AddDays(2));
        change.ShouldBeRefused("workspace-locked");
    }

    [Fact]
    public void The_next_month_begins_at_midnight_of_the_zone_also_at_the_end_of_the_year() =>
        NextMonth(DateTimeOffset.Parse("2026-12-31T15:59:00Z", null), China).ShouldBe(DateTimeOffset.Parse("2026-12-31T16:00:00Z", null));
}
