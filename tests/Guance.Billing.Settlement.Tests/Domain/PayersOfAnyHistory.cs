using CsCheck;
using Guance.Billing.Settlement.Domain;
using static Guance.Billing.Settlement.Tests.Domain.Given;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>Rules §4, §6 and §7: at every instant exactly one pays.</summary>
public sealed class PayersOfAnyHistory
{
    private static readonly CloudLink?[] Methods = [null, Purchase, SecondPurchase];
    private static readonly LockReason[] Reasons = [LockReason.Arrears, LockReason.Operator, LockReason.SubscriptionFrozen];

    // Facts in any order of their hours: what, which method or reason, when. A reason begins where it does not hold, and ends where it does, as the decider has it.
    private static readonly Gen<(int Act, int Which, int Hour)[]> Histories =
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 60], (act, which, hour) => (act, which, hour)).Array[0, 30];

    [Fact]
    public void Every_instant_after_binding_has_one_payer_that_of_a_simple_model() => Histories.Sample(history =>
    {
        var state = SettledBy(Purchase);
        // The model: the method of each hour, and how many reasons hold in it; of an open one, since when.
        var method = Enumerable.Repeat("huawei-cloud/inst-1", 61).ToArray();
        var reasons = new int[61];
        var open = new Dictionary<LockReason, int>();
        foreach (var (act, which, hour) in history)
        {
            var at = Day0.AddHours(hour);
            var reason = Reasons[which];
            switch (act)
            {
                case 0:
                    state = state.Apply(new WorkspaceMethodChanged(
                        Cn4, state.Method, Methods[which] is null ? SettlementMethod.BillingCenter : SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Methods[which], MethodChangeCause.User, "user:li", at));
                    Array.Fill(method, Methods[which]?.Instance.ToString() ?? "billing-center", hour, 61 - hour);
                    break;
                case 1 when open.TryAdd(reason, hour):
                    state = state.Apply(new WorkspaceLocked(Cn4, reason, at, at, "system", null, null));
                    Add(1, hour);
                    break;
                case 2 when open.Remove(reason, out var since):
                    state = state.Apply(new WorkspaceLockLifted(Cn4, reason, at, "system", null));
                    Add(-1, Math.Max(since, hour));
                    break;
                case 3:
                    state = state.Apply(new WorkspaceUnlocked(Cn4, at, "user:li", null));
                    foreach (var begun in open.Values)
                    {
                        Add(-1, Math.Max(begun, hour));
                    }

                    open.Clear();
                    break;
            }
        }

        var spans = state.Payers;
        (spans[0].From, spans[^1].To).ShouldBe((Day0, null));
        spans.Zip(spans.Skip(1)).ShouldAllBe(pair => pair.First.To == pair.Second.From && pair.First.From < pair.Second.From && pair.First.Payer != pair.Second.Payer);
        for (var hour = 0; hour <= 60; hour++)
        {
            var at = Day0.AddHours(hour);
            spans.Single(span => span.From <= at && (span.To is null || at < span.To)).Payer
                .ShouldBe(reasons[hour] > 0 ? "billing-center" : method[hour], $"hour {hour}");
        }

        void Add(int count, int from)
        {
            for (var hour = from; hour <= 60; hour++)
            {
                reasons[hour] += count;
            }
        }
    });

    [Fact]
    public void Shares_of_a_day_are_its_seconds_and_add_up() => Histories.Sample(history =>
    {
        var cuts = history.Aggregate<(int Act, int Which, int Hour), IReadOnlyList<MethodCut>>(
            PayerTimeline.Cut([], Day0, Purchase), (made, fact) => PayerTimeline.Cut(made, Day0.AddHours(fact.Hour).AddMilliseconds(fact.Which * 333), Methods[fact.Which]));
        var spans = PayerTimeline.Spans(cuts, []);
        for (var day = -1; day < 4; day++)
        {
            var begins = Day0.AddHours(24 * day);
            var shares = Shares.Of(spans, begins, begins.AddHours(24));
            shares.Sum(share => share.Numerator).ShouldBe(shares[0].Denominator);
            shares.Count(share => share.IsLast).ShouldBe(1);
            shares.Select(share => share.Payer).ShouldBeUnique();
            if (day >= 0)
            {
                shares[0].Denominator.ShouldBe(86_400);
            }
        }
    });

    [Fact]
    public void Seconds_before_the_workspace_was_bound_count_for_nobody()
    {
        var spans = PayerTimeline.Spans(PayerTimeline.Cut(PayerTimeline.Cut([], Day0.AddHours(6), Purchase), Day0.AddHours(12), null), []);
        Shares.Of(spans, Day0, Day0.AddHours(24)).ShouldBe([new("huawei-cloud/inst-1", 6 * 3_600, 18 * 3_600, false), new("billing-center", 12 * 3_600, 18 * 3_600, true)]);
        Shares.Of(spans, Day0.AddHours(-48), Day0.AddHours(-24)).ShouldBe([new("huawei-cloud/inst-1", 1, 1, true)]);
    }
}
