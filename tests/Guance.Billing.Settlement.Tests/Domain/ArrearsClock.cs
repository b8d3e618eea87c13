using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Rules §8, the clock of arrears.</summary>
public sealed class ArrearsClock
{
    private static readonly BillingAccount Opened = BillingAccount.Create(new(Account, "acme", "ACME", Day0));
    private static readonly Money Owed = new(3.40m, Currency.Cny);

    [Theory]
    [InlineData(0, null, 1)]
    [InlineData(10, ArrearsStep.Began, 0)]
    [InlineData(11, ArrearsStep.Began, 1)]
    [InlineData(13, ArrearsStep.Reminded, 0)]
    [InlineData(14, ArrearsStep.Reminded, 1)]
    [InlineData(99, ArrearsStep.Locked, 0)]
    [InlineData(14, null, 3)]
    internal void Each_step_comes_at_its_time_and_once(int days, ArrearsStep? done, int steps)
    {
        var account = Opened with { Arrears = done is { } step ? new(Day0, step) : null };
        var events = ArrearsDecider.Due(account, Day0, Owed, Day0.AddDays(days));
        events.Count.ShouldBe(steps);
        var after = events.Aggregate(account, Apply);
        ArrearsDecider.Due(after, Day0, Owed, Day0.AddDays(days)).ShouldBeEmpty();
    }

    [Fact]
    public void The_next_step_is_on_day_11_then_on_day_14_then_there_is_none()
    {
        ArrearsDecider.NextAt(Day0, Day0).ShouldBe(Day0.AddDays(11));
        ArrearsDecider.NextAt(Day0, Day0.AddDays(11)).ShouldBe(Day0.AddDays(14));
        ArrearsDecider.NextAt(Day0, Day0.AddDays(14)).ShouldBeNull();
        ArrearsDecider.NextAt(null, Day0).ShouldBeNull();
    }

    [Fact]
    public void Arrears_that_are_over_are_cleared_before_new_ones_begin()
    {
        var account = Opened with { Arrears = new(Day0, ArrearsStep.Locked) };
        var cleared = ArrearsDecider.Due(account, Day0.AddDays(20), Owed, Day0.AddDays(20)).ShouldHaveSingleItem();
        cleared.ShouldBeOfType<ArrearsCleared>().Since.ShouldBe(Day0);
        ArrearsDecider.Due(Apply(account, cleared), Day0.AddDays(20), Owed, Day0.AddDays(20)).ShouldHaveSingleItem().ShouldBeOfType<ArrearsBegan>();
    }

    private static BillingAccount Apply(BillingAccount state, object e) => e switch
    {
        ArrearsBegan began => state.Apply(began),
        ArrearsReminded reminded => state.Apply(reminded),
        ArrearsLocked locked => state.Apply(locked),
        _ => state.Apply((ArrearsCleared)e),
    };
}
