using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Domain.WorkspaceSettlementDecider;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Rules §5 and §6.</summary>
public sealed class LocksAndUnlocks
{
    private static readonly DateTimeOffset ClosedAt = Day0.AddDays(1);

    [Fact]
    public void Cancelling_at_Huawei_takes_the_link_away_and_locks_from_the_closing_instant()
    {
        var state = SettledBy(Purchase).Cancelled(ClosedAt);
        state.Method.ShouldBe(SettlementMethod.BillingCenter);
        state.Cloud.ShouldBeNull();
        state.MethodSince.ShouldBe(ClosedAt);
        state.Reasons.ShouldBe([LockReason.SubscriptionClosed]);
        state.LockedSince.ShouldBe(ClosedAt);
        state.UserChangedAt.ShouldBeNull();
    }

    [Fact]
    public void Cancelling_at_Alibaba_switches_to_the_Billing_Center_and_locks_nothing()
    {
        var state = SettledBy(Purchase with { Provider = CloudProvider.Of("alibaba-cloud") }).Cancelled(ClosedAt);
        state.Method.ShouldBe(SettlementMethod.BillingCenter);
        state.Reasons.ShouldBeEmpty();
    }

    [Fact]
    public void A_provider_that_nobody_has_described_unlinks_and_locks() =>
        ProviderPolicy.Of(CloudProvider.Of("some-cloud")).OnCancelled.ShouldBe(CancellationEffect.UnlinkAndLock);

    [Fact]
    public void The_closing_of_another_subscription_does_nothing() =>
        LoseSubscription(SettledBy(Purchase), SecondPurchase.Instance, CancellationEffect.UnlinkAndLock, ClosedAt).ShouldBeEmpty();

    [Fact]
    public void A_closing_applied_twice_does_nothing_the_second_time() =>
        LoseSubscription(SettledBy(Purchase).Cancelled(), Purchase.Instance, CancellationEffect.UnlinkAndLock, ClosedAt).ShouldBeEmpty();

    [Fact]
    public void A_closing_dated_before_the_workspace_was_bound_cuts_when_it_was_bound()
    {
        var state = SettledBy(Purchase).Cancelled(Day0.AddDays(-1));
        state.MethodSince.ShouldBe(Day0);
        state.LockedSince.ShouldBe(Day0);
    }

    [Fact]
    public void A_freeze_locks_and_keeps_the_link_and_an_unfreeze_lifts_that_lock()
    {
        var state = SettledBy(Purchase);
        state = state.With(Freeze(state, Purchase.Instance, ClosedAt));
        state.Cloud.ShouldBe(Purchase);
        state.Reasons.ShouldBe([LockReason.SubscriptionFrozen]);
        state = state.With(Unfreeze(state, Purchase.Instance, ClosedAt.AddDays(1)));
        state.LockAt(ClosedAt.AddDays(1)).ShouldBe(LockState.Normal);
        state.Cloud.ShouldBe(Purchase);
    }

    [Fact]
    public void An_unfreeze_does_not_lift_an_operators_lock()
    {
        var state = SettledBy(Purchase).Locked(LockReason.Operator, ClosedAt);
        state = state.With(Freeze(state, Purchase.Instance, ClosedAt.AddHours(1)));
        state = state.With(Unfreeze(state, Purchase.Instance, ClosedAt.AddHours(2)));
        state.Reasons.ShouldBe([LockReason.Operator]);
        state.LockedSince.ShouldBe(ClosedAt);
    }

    [Fact]
    public void Closing_a_frozen_subscription_keeps_the_first_lock_s_beginning()
    {
        var state = SettledBy(Purchase);
        state = state.With(Freeze(state, Purchase.Instance, ClosedAt)).Cancelled(ClosedAt.AddDays(5));
        state.Reasons.ShouldBe([LockReason.SubscriptionClosed]);
        state.LockedSince.ShouldBe(ClosedAt);
    }

    [Fact]
    public void The_buffer_lasts_fourteen_days_from_the_beginning_of_the_lock()
    {
        var state = SettledBy(Purchase).Cancelled(ClosedAt);
        state.LockAt(ClosedAt).ShouldBe(LockState.Locked);
        state.LockAt(ClosedAt.AddDays(14).AddTicks(-1)).ShouldBe(LockState.Locked);
        state.LockAt(ClosedAt.AddDays(14)).ShouldBe(LockState.Expired);
    }

    [Fact]
    public void Unlocking_leaves_the_workspace_settled_by_the_Billing_Center()
    {
        var state = SettledBy(Purchase).Cancelled();
        var events = Unlock(state, false, "user:li", ClosedAt.AddDays(2));
        events.ShouldHaveSingleItem().ShouldBeOfType<WorkspaceUnlocked>();
        var after = state.With(events);
        after.LockAt(ClosedAt.AddDays(2)).ShouldBe(LockState.Normal);
        after.Method.ShouldBe(SettlementMethod.BillingCenter);
    }

    [Fact]
    public void Unlocking_a_frozen_workspace_moves_it_to_the_Billing_Center_and_does_not_count_as_a_change()
    {
        var state = SettledBy(Purchase).Locked(LockReason.SubscriptionFrozen);
        var after = state.With(Unlock(state, false, "user:li", ClosedAt.AddDays(2)));
        after.Method.ShouldBe(SettlementMethod.BillingCenter);
        after.Cloud.ShouldBeNull();
        after.UserChangedAt.ShouldBeNull();
        after.Reasons.ShouldBeEmpty();
    }

    [Fact]
    public void An_expired_workspace_can_still_be_unlocked()
    {
        var state = SettledBy(Purchase).Cancelled();
        state = state.With(NoteExpired(state, ClosedAt.AddDays(14)));
        var after = state.With(Unlock(state, false, "user:li", ClosedAt.AddDays(30)));
        after.LockAt(ClosedAt.AddDays(30)).ShouldBe(LockState.Normal);
        after.ExpiredAt.ShouldBeNull();
    }

    [Fact]
    public void A_user_does_not_unlock_while_the_account_is_in_arrears_whatever_the_locks_reason()
    {
        var unlock = () => { Unlock(SettledBy(Purchase).Cancelled(), true, "user:li", ClosedAt.AddDays(2)); };
        unlock.ShouldBeRefused("account-in-arrears");
        Unlock(SettledByBillingCenter(), true, "user:li", Day0).ShouldBeEmpty("nothing is locked");
    }

    [Fact]
    public void Unlocking_what_is_not_locked_does_nothing() => Unlock(SettledBy(Purchase), false, "user:li", Day0).ShouldBeEmpty();

    [Theory]
    [InlineData(LockReason.Operator, "operator-lock-holds")]
    [InlineData(LockReason.Arrears, "account-in-arrears")]
    public void A_user_cannot_unlock_while_such_a_reason_holds(LockReason reason, string code)
    {
        var unlock = () => { Unlock(SettledByBillingCenter().Locked(LockReason.SubscriptionClosed).Locked(reason), false, "user:li", ClosedAt); };
        unlock.ShouldBeRefused(code);
    }

    [Fact]
    public void A_dissolved_workspace_is_not_unlocked_by_anybody()
    {
        var state = SettledBy(Purchase).Cancelled();
        state = state.With(NoteDissolved(state, ClosedAt.AddDays(1), "user:li"));
        var byUser = () => { Unlock(state, false, "user:li", ClosedAt); };
        var byOperator = () => { UnlockByOperator(state, "client:ops", "asked by phone", ClosedAt); };
        byUser.ShouldBeRefused("workspace-dissolved");
        byOperator.ShouldBeRefused("workspace-dissolved");
        state.LockAt(ClosedAt.AddDays(1)).ShouldBe(LockState.Dissolved);
    }

    [Fact]
    public void An_operator_unlocks_whatever_holds()
    {
        var state = SettledBy(Purchase).Cancelled().Locked(LockReason.Arrears).Locked(LockReason.Operator);
        var after = state.With(UnlockByOperator(state, "client:ops", "asked by phone", ClosedAt.AddDays(3)));
        after.Reasons.ShouldBeEmpty();
        after.LockedSince.ShouldBeNull();
    }

    [Fact]
    public void An_operators_own_lock_lifted_leaves_a_healthy_cloud_account_settling()
    {
        var state = SettledBy(Purchase).Locked(LockReason.Operator);
        var events = UnlockByOperator(state, "client:ops", "a mistake", ClosedAt.AddDays(3));
        events.ShouldHaveSingleItem().ShouldBe(new WorkspaceLockLifted(Cn4, LockReason.Operator, ClosedAt.AddDays(3), "client:ops", "a mistake"));
        state.With(events).Cloud.ShouldBe(Purchase);
    }

    [Fact]
    public void A_late_closing_of_a_dissolved_workspace_takes_the_link_and_locks_nothing()
    {
        var state = SettledBy(Purchase);
        state = state.With(NoteDissolved(state, Day0.AddHours(1), "user:li"));
        LoseSubscription(state, Purchase.Instance, CancellationEffect.UnlinkAndLock, ClosedAt).ShouldHaveSingleItem().ShouldBeOfType<WorkspaceMethodChanged>();
    }

    [Fact]
    public void An_expiry_told_after_the_workspace_was_unlocked_is_not_noted()
    {
        var state = SettledBy(Purchase).Cancelled();
        state = state.With(Unlock(state, false, "user:li", ClosedAt.AddDays(14)));
        NoteExpired(state, ClosedAt.AddDays(14)).ShouldBeEmpty();
    }
}
