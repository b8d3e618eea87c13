using CsCheck;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using static Guance.Billing.CloudAccounts.Tests.Domain.Fold;

namespace Guance.Billing.CloudAccounts.Tests.Domain;

/// <summary>Dates and order facts decide the state, never the arrival order (rules §3): calls repeated and shuffled at will end the same.</summary>
public sealed class OrderOfArrivalProperties
{
    private const int SampleCount = 10_000;

    private static readonly Gen<DateTimeOffset> SignedAt = Gen.Int[0, 8].Select(minutes => T0.AddMinutes(minutes));

    /// <summary>Few orders, scenes and ends, so that settings of one order, repeats signed anew and equal instants are common.</summary>
    private static readonly Gen<Call> OneCall = Gen.OneOf(
        Gen.Const<Call>(new OrderKnown()),
        Gen.Select(Gen.Bool, SignedAt, (freeze, at) => (Call)new Status(freeze, at)),
        Gen.Select(Gen.Bool, SignedAt, (freeze, at) => (Call)new Status(freeze, at)),
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[1, 2], SignedAt, (order, scene, months, at) =>
            (Call)new Refresh($"CS-{order}", scene == 0 ? "Renewal" : "UnsubscribeRenewalPeriod", T0.AddDays(30 * months), at)));

    private static readonly Gen<Call[]> Calls =
        Gen.Select(OneCall.Array[0, 14], Gen.Int[0, 9], SignedAt, (calls, closing, at) => closing == 0 ? [.. calls, new Release(at)] : calls);

    private abstract record Call;

    private sealed record OrderKnown : Call;

    private sealed record Status(bool Freeze, DateTimeOffset At) : Call;

    private sealed record Refresh(string OrderId, string Scene, DateTimeOffset ExpiresAt, DateTimeOffset At) : Call;

    private sealed record Release(DateTimeOffset At) : Call;

    [Fact]
    public void Any_duplication_and_order_of_a_set_of_calls_ends_in_the_state_that_dates_and_orders_say() =>
        Gen.Select(Calls, Gen.Int[1, 3], Gen.Int[0, int.MaxValue]).Sample((calls, copies, seed) =>
        {
            var deliveries = Enumerable.Repeat(calls, copies).SelectMany(copy => copy).ToArray();
            new Random(seed).Shuffle(deliveries);

            var subscription = Delivered(deliveries);

            return (subscription.State, subscription.ExpiresAt) == Expected(calls);
        }, iter: SampleCount);

    [Fact]
    public void What_was_taken_once_gives_no_further_event() =>
        Gen.Select(Calls, Gen.Int[0, int.MaxValue]).Sample((calls, seed) =>
        {
            var subscription = Delivered(calls);
            var again = calls.ToArray();
            new Random(seed).Shuffle(again);
            return again.All(call => Decide(subscription, call).Count == 0);
        }, iter: SampleCount);

    /// <summary>Orders were placed in the order of their numbers backwards, so the calls' dates alone would mislead.</summary>
    private static DateTimeOffset PlacedAt(string orderId) => T0.AddHours(-(orderId[^1] - '0'));

    /// <summary>The subscription after the calls; each expiry's order is fetched some time later, as the background does.</summary>
    private static CloudSubscription Delivered(IReadOnlyList<Call> deliveries)
    {
        var subscription = Of();
        foreach (var (index, call) in deliveries.Index())
        {
            subscription = Decide(subscription, call).Aggregate(subscription, On);
            if (index % 3 == 2)
            {
                subscription = FetchedOrders(subscription);
            }
        }

        return FetchedOrders(subscription);
    }

    private static CloudSubscription FetchedOrders(CloudSubscription subscription) => subscription.Expiries.Select(expiry => expiry.OrderId).Distinct()
        .SelectMany(order => CloudSubscriptionDecider.DateExpiry(subscription, order, null, PlacedAt(order)))
        .Aggregate(subscription, On);

    private static IReadOnlyList<object> Decide(CloudSubscription subscription, Call call) => call switch
    {
        OrderKnown => CloudSubscriptionDecider.Identify(subscription, Monthly, T0.AddMinutes(1)),
        Status status => CloudSubscriptionDecider.SetStatus(subscription, status.Freeze, status.At),
        Refresh refresh => CloudSubscriptionDecider.SetExpiry(subscription, refresh.OrderId, null, refresh.Scene, refresh.ExpiresAt, refresh.At),
        Release release => CloudSubscriptionDecider.Close(subscription, null, release.At),
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };

    /// <summary>Said plainly: closed for ever; the status signed last, in doubt frozen; the newest order's expiry, of it what was said last.</summary>
    private static (CloudSubscriptionState State, DateTimeOffset? ExpiresAt) Expected(Call[] calls)
    {
        if (calls.OfType<Release>().Any())
        {
            return (CloudSubscriptionState.Closed, null);
        }

        var isKnown = calls.OfType<OrderKnown>().Any();
        var state = (isKnown, calls.OfType<Status>().OrderBy(status => status.At).ThenBy(status => status.Freeze).LastOrDefault()?.Freeze) switch
        {
            (false, _) => CloudSubscriptionState.Requested,
            (true, true) => CloudSubscriptionState.Frozen,
            _ => CloudSubscriptionState.Active,
        };
        var newestOrder = calls.OfType<Refresh>().OrderBy(refresh => PlacedAt(refresh.OrderId)).LastOrDefault()?.OrderId;
        var expiry = calls.OfType<Refresh>().Where(refresh => refresh.OrderId == newestOrder)
            .GroupBy(refresh => (refresh.Scene, refresh.ExpiresAt))
            .Select(setting => (FirstSaid: setting.Min(refresh => refresh.At), setting.Key.ExpiresAt))
            .OrderBy(setting => setting).Select(setting => (DateTimeOffset?)setting.ExpiresAt).LastOrDefault();
        return (state, expiry ?? (isKnown ? Monthly.ExpiresAt : null));
    }
}
