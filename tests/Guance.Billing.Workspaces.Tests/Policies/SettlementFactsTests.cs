using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Domain;

namespace Guance.Billing.Workspaces.Tests.Policies;

public sealed class SettlementFactsTests(Site site)
{
    [Fact]
    public async Task A_page_with_several_facts_of_several_workspaces_is_noted_in_order()
    {
        var (one, two) = (site.NewId(), site.NewId());
        await site.CreateAsync(one, "facts-ann");
        var since = site.Now.AddDays(-2);

        await site.TellAsync(
            site.Bound(one), site.Bound(two), Site.Locked(one, 2, since, LockReason.SubscriptionFrozen), site.Unlinked(two, 4),
            Site.Locked(one, 3, since.AddDays(1), lockedSince: since), site.Lifted(one, 5, LockReason.SubscriptionFrozen), Site.Locked(two, 5, since));

        var first = (await site.StateAsync(one)).ShouldNotBeNull();
        (first.Version, first.SettlementVersion, first.LockedSince).ShouldBe((5, 5L, since));
        var second = (await site.StateAsync(two)).ShouldNotBeNull();
        (second.Version, second.SettlementVersion, second.LockedSince, second.IsCreated).ShouldBe((3, 5L, since, false));
        second.Method.ShouldBe(SettlementMethod.BillingCenter);
    }

    [Fact]
    public async Task What_a_page_tells_of_a_workspace_before_and_after_something_else_is_all_noted()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "between-ann");

        await site.TellAsync(
            site.Bound(id), site.Unlinked(id, 2), Site.Locked(id, 3, site.Now, LockReason.SubscriptionClosed, "closing_between"), site.Announced("closing_between", 1),
            Site.Locked(id, 4, site.Now));

        var workspace = (await site.StateAsync(id)).ShouldNotBeNull();
        (workspace.Version, workspace.SettlementVersion, workspace.Method, workspace.ClosingId).ShouldBe((5, 4L, SettlementMethod.BillingCenter, "closing_between"));
    }

    [Fact]
    public async Task A_page_that_comes_again_alone_or_with_what_follows_adds_only_what_is_new()
    {
        var id = site.NewId();
        await site.CreateAsync(id, "again-ann");
        IIntegrationEvent[] feed = [site.Bound(id), Site.Locked(id, 2, site.Now), site.Unlocked(id, 4), Site.Locked(id, 5, site.Now)];
        await site.TellAsync(feed[..3]);
        await site.TellAsync(feed[..3]);
        await site.TellAsync(feed[1..]);
        await site.TellAsync(feed);

        (await site.StreamAsync(id.Value)).Select(e => e.EventTypeName).ShouldBe(
            ["workspaces.created", "workspaces.bound_noted", "workspaces.locked_noted", "workspaces.unlocked_noted", "workspaces.locked_noted"]);
    }

    [Fact]
    public async Task A_workspace_is_the_same_whether_the_feed_or_the_activation_comes_first()
    {
        var (feedFirst, activationFirst) = (site.NewId(), site.NewId());
        var since = site.Now;
        await site.TellAsync(site.Bound(feedFirst), Site.Locked(feedFirst, 2, since));
        await site.CreateAsync(feedFirst, "race-ann");
        await site.CreateAsync(activationFirst, "race-ann");
        await site.TellAsync(site.Bound(activationFirst), Site.Locked(activationFirst, 2, since));

        var one = (await site.StateAsync(feedFirst)).ShouldNotBeNull();
        var other = (await site.StateAsync(activationFirst)).ShouldNotBeNull();
        System.Text.Json.JsonSerializer.Serialize(one with { Id = "", CreatedAt = since })
            .ShouldBe(System.Text.Json.JsonSerializer.Serialize(other with { Id = "", CreatedAt = since }));
    }

    [Fact]
    public async Task A_command_that_meets_the_feed_on_the_same_workspace_comes_after_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var id = site.NewId();
            // The reader of a feed tries a page again when somebody else came first.
            var told = TestKit.Eventually.Until(async () =>
            {
                await site.TellAsync(site.Bound(id), Site.Locked(id, 2, site.Now));
                return true;
            });
            await Task.WhenAll(told, site.CreateAsync(id, "meet-ann"), site.CreateAsync(id, "meet-ann"));

            var workspace = (await site.StateAsync(id)).ShouldNotBeNull();
            (workspace.Version, workspace.IsCreated, workspace.SettlementVersion).ShouldBe((3, true, 2L));
        }
    }

    [Fact]
    public async Task An_activated_registration_has_its_workspace_once()
    {
        var id = site.NewId();
        var activated = new RegistrationActivatedIntegrationEvent(
            Ids.DeterministicGuid(id.Value), 9, site.Now, Ids.New<RegistrationId>(site.Deployment.Clock), id, "activated-ann", "New", "zh",
            Domain.Fold.Account, SettlementMethod.BillingCenter, CloudAccount: null);
        await site.TellAsync(activated);
        await site.TellAsync(activated);
        await site.CreateAsync(id, "activated-ann");

        (await site.StreamAsync(id.Value)).ShouldHaveSingleItem().Data.ShouldBe(new WorkspaceCreated(
            "activated-ann", "New", "zh", Domain.Fold.Account, SettlementMethod.BillingCenter, CloudAccount: null, activated.OccurredAt));
    }

    /// <summary>A fact that Settlement adds to its contract must find its meaning here, or the feed would stop at it.</summary>
    [Fact]
    public async Task Every_kind_of_fact_is_understood()
    {
        var kinds = typeof(IWorkspaceSettlementFact).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IWorkspaceSettlementFact))).ToArray();
        kinds.Length.ShouldBeGreaterThanOrEqualTo(5);
        var id = site.NewId();
        var version = 0L;
        foreach (var kind in kinds)
        {
            var fact = (IWorkspaceSettlementFact)RuntimeHelpers.GetUninitializedObject(kind);
            Set(fact, nameof(fact.SourceVersion), ++version);
            Set(fact, nameof(fact.WorkspaceId), id);
            Set(fact, "BillingAccountId", Domain.Fold.Account);
            Set(fact, "Method", SettlementMethod.BillingCenter);
            await site.TellAsync(fact);
        }

        (await site.StateAsync(id)).ShouldNotBeNull().SettlementVersion.ShouldBe(version);

        static void Set(object target, string property, object value) => target.GetType()
            .GetField($"<{property}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)?.SetValue(target, value);
    }

    [Fact]
    public async Task A_closing_of_thousands_is_noted_at_a_pace()
    {
        var ids = Enumerable.Range(0, 2_000).Select(_ => site.NewId()).ToArray();
        await Measure("2,000 first facts (new streams)", [.. ids.Select(id => site.Bound(id))]);
        await Measure("2,000 locks (one fact each)", [.. ids.Select(id => Site.Locked(id, 2, site.Now))]);
        await Measure("2,000 closings (method and lock each)", [.. ids.SelectMany(id => new IIntegrationEvent[] { site.Unlinked(id, 3), Site.Locked(id, 4, site.Now, LockReason.SubscriptionClosed) })]);
        await Measure("2,000 locks again (nothing new)", [.. ids.Select(id => Site.Locked(id, 2, site.Now))]);
        (await site.StateAsync(ids[^1])).ShouldNotBeNull().Version.ShouldBe(4);

        async Task Measure(string what, IReadOnlyList<IIntegrationEvent> page)
        {
            var start = TimeProvider.System.GetTimestamp();
            await site.TellAsync(page);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{what}: {ids.Length / TimeProvider.System.GetElapsedTime(start).TotalSeconds:N0} workspaces/s"));
        }
    }
}
