using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

public sealed class AccountsAndClosings
{
    private static readonly SiteCode Za1 = SiteCode.Of("za1");

    private static BillingAccount AnAccount => BillingAccount.Create(new(Account, "li", "Li & Co", Day0));

    private static Closing AClosing(params ConcernedSite[] sites) => Closing.Create(
        new(Purchase.Instance, Purchase.AccountId, Day0, CancellationEffect.UnlinkAndLock, sites, [Account], Day0));

    private static Closing After(Closing state, IEnumerable<object> events) => ClosingDecider.After(state, events);

    [Fact]
    public void The_first_workspace_at_a_site_is_told_to_it_and_the_second_is_not()
    {
        var joined = BillingAccountDecider.JoinSite(AnAccount, Cn4, Day0).ShouldHaveSingleItem().ShouldBeOfType<BillingAccountJoinedSite>();
        BillingAccountDecider.JoinSite(AnAccount.Apply(joined), Cn4, Day0).ShouldBeEmpty();
        BillingAccountDecider.JoinSite(AnAccount.Apply(joined), Za1, Day0).ShouldHaveSingleItem();
    }

    [Fact]
    public void Arbitrary_settlement_selection_is_allowed_once_and_withdrawn_once()
    {
        var allowed = BillingAccountDecider.SetArbitrarySettlement(AnAccount, true, "client:ops", Day0).ShouldHaveSingleItem().ShouldBeOfType<ArbitrarySettlementAllowed>();
        var state = AnAccount.Apply(allowed);
        state.ArbitrarySettlement.ShouldBeTrue();
        BillingAccountDecider.SetArbitrarySettlement(state, true, "client:ops", Day0).ShouldBeEmpty();
        BillingAccountDecider.SetArbitrarySettlement(state, false, "client:ops", Day0).ShouldHaveSingleItem().ShouldBeOfType<ArbitrarySettlementWithdrawn>();
    }

    [Fact]
    public void A_closing_is_done_when_every_site_has_acknowledged_it()
    {
        var state = AClosing(new(Cn4, 3), new(Za1, 2));
        state = After(state, ClosingDecider.Announce(state, Day0.AddSeconds(1)));
        state.State.ShouldBe(ClosingState.Announced);
        state = After(state, ClosingDecider.Acknowledge(state, Za1, Day0.AddSeconds(2)));
        state.State.ShouldBe(ClosingState.Announced);
        state = After(state, ClosingDecider.Acknowledge(state, Cn4, Day0.AddSeconds(3)));
        state.State.ShouldBe(ClosingState.Completed);
        state.Sites.ShouldBe([new(Cn4, 3, Day0.AddSeconds(1), Day0.AddSeconds(3)), new(Za1, 2, Day0.AddSeconds(1), Day0.AddSeconds(2))]);
    }

    [Fact]
    public void An_acknowledgement_delivered_again_or_by_a_site_that_was_told_nothing_does_nothing()
    {
        var state = AClosing(new ConcernedSite(Cn4, 3));
        ClosingDecider.Acknowledge(state, Cn4, Day0).ShouldBeEmpty();
        state = After(state, ClosingDecider.Announce(state, Day0));
        ClosingDecider.Acknowledge(state, Za1, Day0).ShouldBeEmpty();
        state = After(state, ClosingDecider.Acknowledge(state, Cn4, Day0));
        ClosingDecider.Acknowledge(state, Cn4, Day0.AddDays(1)).ShouldBeEmpty();
        ClosingDecider.Announce(state, Day0.AddDays(1)).ShouldBeEmpty();
    }

    [Fact]
    public void A_closing_that_concerns_no_workspace_is_done_at_once()
    {
        var state = AClosing();
        After(state, ClosingDecider.Announce(state, Day0)).State.ShouldBe(ClosingState.Completed);
    }
}
