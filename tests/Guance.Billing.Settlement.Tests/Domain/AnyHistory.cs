using CsCheck;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Domain.WorkspaceSettlementDecider;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Whatever happens, in whatever order, late or twice.</summary>
public sealed class AnyHistory
{
    private static readonly CloudLink[] Purchases = [Purchase, SecondPurchase];

    // Each act: what happens, to which of the two purchases, and how late it is dated (facts of the market may arrive after later ones).
    internal static readonly Gen<(int Act, int Purchase, int LateHours)[]> Acts =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1], Gen.Int[0, 72], (act, purchase, late) => (act, purchase, late)).Array[0, 40];

    [Fact]
    public void The_reasons_that_hold_and_the_beginning_of_the_lock_are_those_of_a_simple_model() =>
        Acts.Sample(acts =>
        {
            var reasons = new SortedSet<LockReason>();
            foreach (var (before, events, after) in Play(acts))
            {
                foreach (var e in events)
                {
                    switch (e)
                    {
                        case WorkspaceLocked locked:
                            reasons.Add(locked.Reason).ShouldBeTrue("a reason begins once");
                            locked.LockedSince.ShouldBeLessThanOrEqualTo(locked.At);
                            break;
                        case WorkspaceLockLifted lifted:
                            reasons.Remove(lifted.Reason).ShouldBeTrue("only a reason that holds is lifted");
                            break;
                        case WorkspaceUnlocked:
                            reasons.Clear();
                            break;
                    }
                }

                after.Reasons.ShouldBe(reasons);
                (after.LockedSince is null).ShouldBe(reasons.Count == 0);
                if (before.LockedSince is { } since && after.LockedSince is { } still)
                {
                    still.ShouldBeLessThanOrEqualTo(since, "a lock that goes on never begins later");
                }

                if (after.LockedSince is { } begin && after.UnlockedAt is { } ended)
                {
                    begin.ShouldBeGreaterThanOrEqualTo(ended, "two locks do not overlap");
                }
            }
        });

    [Fact]
    public void Every_instant_has_exactly_one_payer() =>
        Acts.Sample(acts =>
        {
            var (payer, since) = (SettledBy(Purchase).Method, Day0);
            foreach (var (_, events, after) in Play(acts))
            {
                foreach (var cut in events.OfType<WorkspaceMethodChanged>())
                {
                    cut.From.ShouldBe(payer, "the one before pays up to the cut");
                    cut.At.ShouldBeGreaterThanOrEqualTo(since, "a cut is never before the last one");
                    (cut.Cloud is not null).ShouldBe(cut.To.IsCloud);
                    (payer, since) = (cut.To, cut.At);
                }

                after.Method.ShouldBe(payer);
                after.MethodSince.ShouldBe(since);
                (after.Cloud is not null).ShouldBe(after.Method.IsCloud);
            }
        });

    [Fact]
    public void A_fact_of_the_market_delivered_again_at_once_does_nothing() =>
        Acts.Sample(acts =>
        {
            var state = SettledBy(Purchase);
            var now = Day0;
            foreach (var act in acts)
            {
                now = now.AddHours(7);
                state = state.With(Do(state, act, now));
                if (act.Act is 0 or 1 or 2)
                {
                    Do(state, act, now).ShouldBeEmpty();
                }
            }
        });

    private static IEnumerable<(WorkspaceSettlement Before, IReadOnlyList<object> Events, WorkspaceSettlement After)> Play((int, int, int)[] acts)
    {
        var state = SettledBy(Purchase);
        var now = Day0;
        foreach (var act in acts)
        {
            now = now.AddHours(7);
            var events = Do(state, act, now);
            var after = state.With(events);
            yield return (state, events, after);
            state = after;
        }
    }

    internal static IReadOnlyList<object> Do(WorkspaceSettlement state, (int Act, int Purchase, int LateHours) act, DateTimeOffset now)
    {
        var purchase = Purchases[act.Purchase];
        var dated = now.AddHours(-act.LateHours);
        try
        {
            return act.Act switch
            {
                0 => LoseSubscription(state, purchase.Instance, CancellationEffect.UnlinkAndLock, dated),
                1 => Freeze(state, purchase.Instance, dated),
                2 => Unfreeze(state, purchase.Instance, dated),
                3 => Lock(state, LockReason.Arrears, dated, "system", null),
                4 => Lift(state, LockReason.Arrears, dated, "system", null),
                5 => Lock(state, LockReason.Operator, now, "client:ops", "note"),
                6 => UnlockByOperator(state, "client:ops", "note", now),
                7 => Unlock(state, false, "user:li", now),
                8 => NoteExpired(state, dated),
                _ => Change(state, purchase, now),
            };
        }
        catch (BillingRefusal)
        {
            return [];
        }
    }

    private static IReadOnlyList<object> Change(WorkspaceSettlement state, CloudLink purchase, DateTimeOffset now)
    {
        MayChangeMethod(state, state.Cloud is null ? LinkState.None : LinkState.Open, China, now);
        return ChangeMethod(state, WantedMethod.By(purchase), "user:li", now);
    }
}
