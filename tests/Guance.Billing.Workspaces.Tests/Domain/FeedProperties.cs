using System.Text.Json;
using CsCheck;
using Guance.Billing.Workspaces.Domain;
using static Guance.Billing.Workspaces.Tests.Domain.Fold;

namespace Guance.Billing.Workspaces.Tests.Domain;

/// <summary>However a feed is cut into pages and whatever of it comes again, the workspace ends as if it had been told once, its version included.</summary>
public sealed class FeedProperties
{
    private static readonly Gen<LockReason> Reason = Gen.Enum<LockReason>();

    private static readonly Gen<Func<DateTimeOffset, long, ISettlementNote>> Kind = Gen.OneOf<Func<DateTimeOffset, long, ISettlementNote>>(
        Gen.Bool.Select(cloud => new Func<DateTimeOffset, long, ISettlementNote>((at, version) => cloud
            ? new MethodNoted(SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Huawei, at, version)
            : new MethodNoted(SettlementMethod.BillingCenter, null, at, version))),
        Reason.Select(reason => new Func<DateTimeOffset, long, ISettlementNote>((at, version) => Locked(reason, at, version))),
        Reason.Select(reason => new Func<DateTimeOffset, long, ISettlementNote>((at, version) => new LockLiftedNoted(reason, at, version))),
        Gen.Const(new Func<DateTimeOffset, long, ISettlementNote>((at, version) => new UnlockedNoted(at, version))));

    /// <summary>A feed of one workspace: versions rise, with gaps, since not every event of the settlement stream is told.</summary>
    private static readonly Gen<ISettlementNote[]> Feed = Gen.Select(Kind, Gen.Int[1, 3], Gen.Int[0, 72]).Array[0, 12].Select(steps =>
    {
        var (version, at) = (1L, Day0);
        return steps.Select(step => step.Item1(at = at.AddHours(step.Item3), version += step.Item2)).Prepend(Bound).ToArray();
    });

    /// <summary>Pages: each starts anywhere up to what was told so far and ends anywhere; the last one reaches the end.</summary>
    private static readonly Gen<(ISettlementNote[] Feed, ISettlementNote[][] Pages)> Deliveries =
        Gen.Select(Feed, Gen.Select(Gen.Int[0, 100], Gen.Int[0, 5], Gen.Bool).Array[0, 10]).Select((feed, cuts) =>
        {
            var pages = new List<ISettlementNote[]>();
            var told = 0;
            foreach (var (from, length, twice) in cuts)
            {
                var start = from % (told + 1);
                var end = Math.Min(feed.Length, start + length);
                told = Math.Max(told, end);
                pages.Add(twice ? [.. feed[start..end], .. feed[start..end]] : feed[start..end]);
            }

            pages.Add(feed[told..]);
            return (feed, pages.ToArray());
        });

    [Fact]
    public void Pages_that_come_again_from_any_earlier_point_change_nothing() =>
        Deliveries.Sample(delivery => Json(delivery.Pages.Aggregate(Of(Created), Told)) == Json(delivery.Feed.Aggregate(Of(Created), On)));

    [Fact]
    public void Whatever_prefix_of_the_feed_came_before_the_activations_answer_the_end_is_the_same() =>
        Gen.Select(Feed, Gen.Int[0, 13]).Sample((feed, cut) =>
        {
            cut = Math.Min(cut, feed.Length);
            var createdBetween = Told(On(Told(Of(), feed[..cut]), Created), feed[cut..]);
            return Json(createdBetween) == Json(Told(Of(Created), feed));
        });

    [Fact]
    public void A_recorded_expiry_never_changes_what_may_be_done() =>
        Gen.Select(Feed, Gen.Int[0, 60 * 24]).Sample((feed, hours) =>
        {
            var now = Day0.AddHours(hours);
            var workspace = Told(Of(Created), feed);
            var recorded = WorkspaceDecider.Expire(workspace, now).Aggregate(workspace, On);
            return Json(AccessDecider.Decide(workspace, now)) == Json(AccessDecider.Decide(recorded, now))
                && WorkspaceDecider.Expire(recorded, now).Count == 0;
        });

    private static Workspace Told(Workspace workspace, IEnumerable<ISettlementNote> page) =>
        WorkspaceDecider.Note(workspace, page).Aggregate(workspace, On);

    private static string Json<T>(T value) => JsonSerializer.Serialize(value);
}
