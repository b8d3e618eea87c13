using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using static Guance.Billing.CloudAccounts.Domain.CloudSubscriptionDecider;
using static Guance.Billing.CloudAccounts.Tests.Domain.Fold;

namespace Guance.Billing.CloudAccounts.Tests.Domain;

/// <summary>What each call of the market means for a subscription (rules §3; protocol §2.3-2.6, §4.2).</summary>
public sealed class CloudSubscriptionSpecs
{
    private static readonly DateTimeOffset Now = T0.AddSeconds(7);

    // --- the order becomes known

    [Fact]
    public void A_requested_instance_is_active_once_its_order_is_known()
    {
        Of().State.ShouldBe(CloudSubscriptionState.Requested);

        var events = Identify(Of(), Monthly, Now);

        events.ShouldBe([new SubscriptionActivated(Instance, Customer, "PERIOD", "product-1", "sku-1", T0.AddDays(30), T0.AddMinutes(-1), Now)]);
        var subscription = Of(events);
        subscription.State.ShouldBe(CloudSubscriptionState.Active);
        subscription.AccountId.ShouldBe(Customer);
        subscription.ActivatedAt.ShouldBe(Now);
        subscription.ExpiresAt.ShouldBe(T0.AddDays(30));
    }

    [Fact]
    public void The_order_known_already_says_nothing_new_even_with_another_account() =>
        Identify(Of(Activated), PayPerUse with { AccountId = "another" }, Now).ShouldBeEmpty();

    [Fact]
    public void An_order_known_only_after_the_closing_names_the_account_and_never_activates()
    {
        var closedEarly = new SubscriptionClosed(Instance, AccountId: null, RefundOrderId: null, T0.AddSeconds(3));

        var events = Identify(Of(closedEarly), Monthly, Now);

        events.ShouldBe([new ClosedSubscriptionIdentified(Instance, Customer, "PERIOD", T0.AddMinutes(-1), Now)]);
        var subscription = Of([closedEarly, .. events]);
        subscription.State.ShouldBe(CloudSubscriptionState.Closed);
        subscription.AccountId.ShouldBe(Customer);
        subscription.ActivatedAt.ShouldBeNull();
        Identify(subscription, Monthly, Now).ShouldBeEmpty();
    }

    [Fact]
    public void An_instance_frozen_before_its_order_is_known_is_frozen_then()
    {
        var frozen = new SubscriptionFrozen(Instance, T0.AddSeconds(1));

        Of(frozen).State.ShouldBe(CloudSubscriptionState.Requested);
        Of([frozen, .. Identify(Of(frozen), Monthly, Now)]).State.ShouldBe(CloudSubscriptionState.Frozen);
    }

    // --- freeze and unfreeze

    [Fact]
    public void A_freeze_freezes_and_a_later_unfreeze_lifts_it()
    {
        var frozen = SetStatus(Of(Activated), frozen: true, T0.AddHours(1));
        frozen.ShouldBe([new SubscriptionFrozen(Instance, T0.AddHours(1))]);
        Of([Activated, .. frozen]).State.ShouldBe(CloudSubscriptionState.Frozen);

        var unfrozen = SetStatus(Of([Activated, .. frozen]), frozen: false, T0.AddHours(2));
        unfrozen.ShouldBe([new SubscriptionUnfrozen(Instance, T0.AddHours(2))]);
        Of([Activated, .. frozen, .. unfrozen]).State.ShouldBe(CloudSubscriptionState.Active);
    }

    [Theory]
    [InlineData(true, -1, false)] // signed before what is known: it was overtaken
    [InlineData(true, 0, false)] // a twin of what is known
    [InlineData(true, 1, true)] // said again later: what was signed between the two is stale now
    [InlineData(false, -1, false)]
    [InlineData(false, 0, false)] // of what was signed in one instant the freeze holds
    [InlineData(false, 1, true)]
    public void After_a_freeze_only_what_was_signed_later_counts(bool freeze, int millisecondsLater, bool counts)
    {
        var frozen = Of(Activated, new SubscriptionFrozen(Instance, T0.AddHours(1)));
        SetStatus(frozen, freeze, T0.AddHours(1).AddMilliseconds(millisecondsLater)).Count.ShouldBe(counts ? 1 : 0);
    }

    [Theory]
    [InlineData(true, -1, false)]
    [InlineData(true, 0, true)] // of what was signed in one instant the freeze holds
    [InlineData(false, 0, false)]
    public void After_an_unfreeze_an_equally_old_freeze_still_counts(bool freeze, int millisecondsLater, bool counts)
    {
        var unfrozen = Of(Activated, new SubscriptionUnfrozen(Instance, T0.AddHours(1)));
        SetStatus(unfrozen, freeze, T0.AddHours(1).AddMilliseconds(millisecondsLater)).Count.ShouldBe(counts ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_closed_is_neither_frozen_nor_unfrozen(bool freeze) =>
        SetStatus(Of(Activated, Closed), freeze, T0.AddDays(3)).ShouldBeEmpty();

    // --- expiry

    [Fact]
    public void A_renewal_sets_the_given_expiry_and_adds_nothing_to_the_old_one()
    {
        var events = SetExpiry(Of(Activated), "CS2", "CS2-000001", "Renewal", T0.AddDays(45), T0.AddDays(20));

        events.ShouldBe([new ExpirySet("CS2", "CS2-000001", "Renewal", T0.AddDays(45), T0.AddDays(20))]);
        Of([Activated, .. events]).ExpiresAt.ShouldBe(T0.AddDays(45));
    }

    [Fact]
    public void The_same_setting_again_changes_nothing_and_another_one_of_the_same_order_does()
    {
        var renewed = Of(Activated, new ExpirySet("CS2", "CS2-000001", "Renewal", T0.AddDays(60), T0.AddDays(20)));

        SetExpiry(renewed, "CS2", "CS2-000001", "Renewal", T0.AddDays(60), T0.AddDays(20)).ShouldBeEmpty();
        SetExpiry(renewed, "CS2", "CS2-000001", "Renewal", T0.AddDays(60), T0.AddDays(21)).ShouldBeEmpty();
        SetExpiry(renewed, "CS2", "CS2-000001", "UnsubscribeRenewalPeriod", T0.AddDays(30), T0.AddDays(22)).Count.ShouldBe(1);
        SetExpiry(renewed, "CS2", "CS2-000002", "Renewal", T0.AddDays(60), T0.AddDays(20)).Count.ShouldBe(1);
        SetExpiry(renewed, "CS2", "CS2-000001", "Renewal", T0.AddDays(61), T0.AddDays(20)).Count.ShouldBe(1);
    }

    [Fact]
    public void A_repeat_that_was_signed_anew_does_not_outrank_what_was_said_between()
    {
        object[] refunded =
        [
            Activated,
            new ExpirySet("CS2", "CS2-000001", "Renewal", T0.AddDays(60), CalledAt: T0.AddDays(23)), // the repeat came first
            new ExpirySet("CS2", "CS2-000001", "UnsubscribeRenewalPeriod", T0.AddDays(30), CalledAt: T0.AddDays(22)),
            new ExpiryOrderDated("CS2", "CS2-000001", T0.AddDays(19)),
        ];

        var first = SetExpiry(Of(refunded), "CS2", "CS2-000001", "Renewal", T0.AddDays(60), T0.AddDays(20));

        first.Count.ShouldBe(1);
        Of([.. refunded, .. first]).ExpiresAt.ShouldBe(T0.AddDays(30));
    }

    [Fact]
    public void Of_two_renewals_the_newer_order_holds_whichever_call_came_last()
    {
        var subscription = Of(
            Activated,
            new ExpirySet("CS3", null, "Renewal", T0.AddDays(90), CalledAt: T0.AddDays(21)),
            new ExpirySet("CS2", null, "Renewal", T0.AddDays(60), CalledAt: T0.AddDays(22)));
        subscription.ExpiresAt.ShouldBe(T0.AddDays(60)); // by the calls' dates, as long as nothing better is known

        var dated = Of(
            Activated,
            new ExpirySet("CS3", null, "Renewal", T0.AddDays(90), CalledAt: T0.AddDays(21)),
            new ExpirySet("CS2", null, "Renewal", T0.AddDays(60), CalledAt: T0.AddDays(22)),
            new ExpiryOrderDated("CS3", null, T0.AddDays(20)),
            new ExpiryOrderDated("CS2", null, T0.AddDays(19)));
        dated.ExpiresAt.ShouldBe(T0.AddDays(90));
    }

    [Fact]
    public void An_order_is_dated_once_and_only_where_it_set_an_expiry()
    {
        var renewed = Of(Activated, new ExpirySet("CS2", "CS2-000001", "Renewal", T0.AddDays(60), T0.AddDays(20)));

        var dated = DateExpiry(renewed, "CS2", "CS2-000001", T0.AddDays(19));

        dated.ShouldBe([new ExpiryOrderDated("CS2", "CS2-000001", T0.AddDays(19))]);
        DateExpiry(On(renewed, dated[0]), "CS2", "CS2-000001", T0.AddDays(19)).ShouldBeEmpty();
        DateExpiry(renewed, "CS9", "CS9-000001", T0.AddDays(19)).ShouldBeEmpty();
        DateExpiry(renewed, "CS2", "CS2-000002", T0.AddDays(19)).ShouldBeEmpty();
    }

    [Fact]
    public void A_further_expiry_of_a_dated_order_is_dated_already()
    {
        var renewed = Of(
            Activated,
            new ExpirySet("CS2", null, "Renewal", T0.AddDays(60), T0.AddDays(20)),
            new ExpiryOrderDated("CS2", null, T0.AddDays(19)),
            new ExpirySet("CS2", null, "UnsubscribeRenewalPeriod", T0.AddDays(30), T0.AddDays(22)));

        DateExpiry(renewed, "CS2", null, T0.AddDays(19)).ShouldBeEmpty();
        renewed.ExpiresAt.ShouldBe(T0.AddDays(30));
    }

    [Fact]
    public void What_is_closed_gets_no_expiry_and_has_none()
    {
        SetExpiry(Of(Activated, Closed), "CS2", null, "Renewal", T0.AddDays(60), T0.AddDays(3)).ShouldBeEmpty();
        Of(Activated, Closed).ExpiresAt.ShouldBeNull();
    }

    // --- upgrade

    [Fact]
    public void An_upgrade_is_noted_once_an_order_and_not_after_the_closing()
    {
        var upgraded = Upgrade(Of(Activated), "CS2", "CS2-000001", T0.AddDays(1));

        upgraded.ShouldBe([new SubscriptionUpgraded("CS2", "CS2-000001", T0.AddDays(1))]);
        Upgrade(Of([Activated, .. upgraded]), "CS2", "CS2-000001", T0.AddDays(2)).ShouldBeEmpty();
        Upgrade(Of([Activated, .. upgraded]), "CS3", "CS3-000001", T0.AddDays(2)).Count.ShouldBe(1);
        Upgrade(Of(Activated, Closed), "CS3", "CS3-000001", T0.AddDays(3)).ShouldBeEmpty();
    }

    // --- close

    [Theory]
    [InlineData("requested", null)]
    [InlineData("active", Customer)]
    [InlineData("frozen", Customer)]
    public void A_release_closes_from_every_state_at_the_signed_instant(string state, string? accountId)
    {
        object[] given = state switch
        {
            "requested" => [],
            "active" => [Activated],
            _ => [Activated, new SubscriptionFrozen(Instance, T0.AddHours(1))],
        };

        var events = Close(Of(given), "CS9", T0.AddDays(2));

        events.ShouldBe([new SubscriptionClosed(Instance, accountId, "CS9", T0.AddDays(2))]);
        var closed = Of([.. given, .. events]);
        closed.State.ShouldBe(CloudSubscriptionState.Closed);
        closed.ClosedAt.ShouldBe(T0.AddDays(2));
    }

    [Fact]
    public void Closed_is_for_ever_and_a_repeat_does_not_move_the_instant() =>
        Close(Of(Activated, Closed), "CS9", T0.AddDays(5)).ShouldBeEmpty();

    [Fact]
    public void A_release_that_names_the_purchase_itself_is_no_refund() =>
        Close(Of(Activated), "CS1", T0.AddDays(2)).ShouldBe([new SubscriptionClosed(Instance, Customer, RefundOrderId: null, T0.AddDays(2))]);

    // --- ids

    [Fact]
    public void Repeats_of_one_purchase_have_one_key_and_other_purchases_others()
    {
        var key = SubscriptionKey.Of(CloudProvider.HuaweiCloud, "CS1", "CS1-000001");

        SubscriptionKey.Of(CloudProvider.HuaweiCloud, "CS1", "CS1-000001").ShouldBe(key);
        Of().Id.ShouldBe(key.Value);
        new[]
        {
            SubscriptionKey.Of(CloudProvider.HuaweiCloud, "CS1", "CS1-000002"),
            SubscriptionKey.Of(CloudProvider.HuaweiCloud, "CS1", null),
            SubscriptionKey.Of(CloudProvider.HuaweiCloud, "CS2", "CS1-000001"),
            SubscriptionKey.Of(CloudProvider.Of("aws"), "CS1", "CS1-000001"),
        }.ShouldNotContain(key);
    }
}
