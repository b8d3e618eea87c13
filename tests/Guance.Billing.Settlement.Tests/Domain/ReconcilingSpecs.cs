using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Features;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Rules §8: rated, pushed and billed; every difference is zero or explained, and has its exact amount.</summary>
public sealed class ReconcilingSpecs
{
    private static readonly DateOnly Day = new(2026, 11, 1);
    private static readonly CloudInstanceKey Instance = new(CloudProvider.HuaweiCloud, "inst-1");

    [Fact]
    public void What_was_rated_stated_pushed_and_billed_alike_is_in_order() =>
        One(Days(13.4m, 2)).ShouldSatisfyAllConditions(
            one => one.IsInOrder.ShouldBeTrue(), one => one.Differences.ShouldBeEmpty(), one => (one.Rated, one.Accepted, one.Billed).ShouldBe((26.8m, 26.8m, 26.8m)));

    [Fact]
    public void A_bill_of_the_market_that_is_not_imported_yet_is_no_difference() =>
        One(Days(13.4m, 1).Select(day => day with { Billed = null })).IsInOrder.ShouldBeTrue();

    [Fact]
    public void What_is_on_its_way_was_refused_or_is_too_small_to_push_explains_itself()
    {
        var days = Days(10m, 4);
        days[1] = days[1] with { Accepted = 0, Rejected = 10, Billed = null };
        days[2] = days[2] with { Accepted = 0, Unanswered = 10, Billed = null };
        days[3] = days[3] with { Stated = 10.00004m, Billed = 10 };
        var one = One(days, rated: days.Select(day => day.Stated!.Value));

        one.Differences.ShouldBe([new(DifferenceKind.OnItsWay, 10), new(DifferenceKind.GoesOutAgain, 10), new(DifferenceKind.Residue, 0.00004m)]);
        one.IsInOrder.ShouldBeTrue();
    }

    [Fact]
    public void What_a_later_record_made_up_for_is_in_order()
    {
        var days = Days(10m, 2);
        days[0] = days[0] with { Accepted = 0, Rejected = 10, Billed = 0 };
        days[1] = days[1] with { Accepted = 20, Billed = 20 };

        One(days).IsInOrder.ShouldBeTrue();
    }

    public static TheoryData<string, string, decimal> Damages => new()
    {
        { "lost push", nameof(DifferenceKind.NotPushed), 13.4m },
        { "double push", nameof(DifferenceKind.PushedBeyondCharge), 13.4m },
        { "push of another amount", nameof(DifferenceKind.PushedBeyondCharge), 0.6m },
        { "billed twice by the market", nameof(DifferenceKind.BilledBeyondPush), 13.4m },
        { "not billed by the market", nameof(DifferenceKind.NotBilled), 13.4m },
        { "billed at another amount", nameof(DifferenceKind.NotBilled), 0.4m },
        { "never stated", nameof(DifferenceKind.NotStated), 13.4m },
        { "stated without a charge", nameof(DifferenceKind.StatedWithoutCharge), 13.4m },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Each_kind_of_damage_shows_with_its_exact_amount_and_is_not_in_order(string damage, string kind, decimal amount)
    {
        var days = Days(13.4m, 3);
        var rated = days.Select(day => day.Stated!.Value).ToArray();
        switch (damage)
        {
            case "lost push": days[1] = days[1] with { Accepted = 0, Billed = 0 }; break;
            case "double push": days[1] = days[1] with { Accepted = 26.8m, Billed = 26.8m }; break;
            case "push of another amount": days[1] = days[1] with { Accepted = 14m, Billed = 14m }; break;
            case "billed twice by the market": days[1] = days[1] with { Billed = 26.8m }; break;
            case "not billed by the market": days[1] = days[1] with { Billed = 0 }; break;
            case "billed at another amount": days[1] = days[1] with { Billed = 13m }; break;
            case "never stated": days[1] = days[1] with { Stated = null, Accepted = 0, Billed = 0 }; break;
            case "stated without a charge": rated[1] = 0; break;
        }

        var one = One(days, rated);
        one.IsInOrder.ShouldBeFalse();
        one.Differences.Concat(one.Days.SelectMany(day => day.Differences)).ShouldHaveSingleItem().ShouldBe(new Difference(Enum.Parse<DifferenceKind>(kind), amount));
    }

    private static CloudChargeDay[] Days(decimal amount, int count) =>
        [.. Enumerable.Range(0, count).Select(offset => new CloudChargeDay(Instance, Day.AddDays(offset), amount, amount, 0, 0, amount))];

    private static ReconciledSubscription One(IEnumerable<CloudChargeDay> days, IEnumerable<decimal>? rated = null)
    {
        var all = days.ToArray();
        var charged = all.Zip(rated ?? all.Select(day => day.Stated!.Value)).ToDictionary(pair => (Instance.ToString(), pair.First.Day), pair => pair.Second);
        return ReconcileSubscriptionsHandler.Reconcile(charged, all).ShouldHaveSingleItem();
    }
}
