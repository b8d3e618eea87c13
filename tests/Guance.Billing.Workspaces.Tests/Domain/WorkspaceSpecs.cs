using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using static Guance.Billing.Workspaces.Tests.Domain.Fold;

namespace Guance.Billing.Workspaces.Tests.Domain;

public sealed class WorkspaceSpecs
{
    private static readonly CreateWorkspace Create = new(
        Ids.Deterministic<WorkspaceId>("one"), "user-1", "My Workspace", "en", Account, SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Huawei, Day0);

    private static readonly DateTimeOffset BufferEnd = Day0.AddDays(14);

    [Fact]
    public void Given_nothing_When_an_activation_creates_it_Then_it_is_created() =>
        WorkspaceDecider.Create(null, Create).ShouldBe([Created]);

    [Fact]
    public void Given_a_created_workspace_When_it_is_created_again_Then_nothing_happens() =>
        WorkspaceDecider.Create(Of(Created), Create).ShouldBeEmpty();

    [Fact]
    public void Given_facts_that_came_first_When_it_is_created_Then_their_method_and_lock_stay()
    {
        var changed = new MethodNoted(SettlementMethod.BillingCenter, null, Day0.AddHours(1), 2);
        var locked = Locked(LockReason.Arrears, Day0.AddHours(2), 3);
        var told = Of(Bound, changed, locked);
        told.IsCreated.ShouldBeFalse();

        var workspace = Of([Bound, changed, locked, .. WorkspaceDecider.Create(told, Create)]);

        workspace.IsCreated.ShouldBeTrue();
        workspace.Method.ShouldBe(SettlementMethod.BillingCenter);
        workspace.CloudAccount.ShouldBeNull();
        workspace.LockedSince.ShouldBe(Day0.AddHours(2));
    }

    [Fact]
    public void Given_a_noted_version_When_older_and_newer_ones_are_told_Then_only_the_newer_are_noted()
    {
        var newer = Locked(LockReason.Operator, Day0, 7);
        WorkspaceDecider.Note(Of(Created, Bound, Locked(LockReason.Arrears, Day0, 4)), [Bound, Locked(LockReason.Arrears, Day0, 4), newer, newer])
            .ShouldBe([newer]);
    }

    [Fact]
    public void Given_two_reasons_When_one_is_lifted_Then_the_lock_and_its_buffer_go_on()
    {
        var workspace = Of(
            Created,
            Locked(LockReason.SubscriptionFrozen, Day0, 2),
            Locked(LockReason.Arrears, Day0.AddDays(3), 3, lockedSince: Day0),
            new LockLiftedNoted(LockReason.SubscriptionFrozen, Day0.AddDays(4), 4));
        workspace.Locks.Select(held => held.Reason).ShouldBe([LockReason.Arrears]);
        workspace.LockedSince.ShouldBe(Day0);
    }

    [Fact]
    public void Given_one_reason_When_it_is_lifted_Then_it_is_not_locked()
    {
        var workspace = Of(Created, Bound, Locked(LockReason.SubscriptionFrozen, Day0, 2), new LockLiftedNoted(LockReason.SubscriptionFrozen, Day0.AddDays(4), 3));
        workspace.LockedSince.ShouldBeNull();
        workspace.ExpiresAt.ShouldBeNull();
        workspace.CloudAccount.ShouldBe(Huawei, "an unfreeze keeps the link");
    }

    [Fact]
    public void Given_a_locked_workspace_When_a_person_unlocks_it_Then_the_Billing_Center_settles_it()
    {
        var workspace = Of(Created, Bound, Locked(LockReason.SubscriptionClosed, Day0, 2, closingId: "c"), new UnlockedNoted(Day0.AddDays(1), 3));
        workspace.LockedSince.ShouldBeNull();
        workspace.ClosingId.ShouldBeNull();
        workspace.Method.ShouldBe(SettlementMethod.BillingCenter);
        workspace.CloudAccount.ShouldBeNull();
    }

    [Fact]
    public void Given_a_lock_When_its_buffer_ends_to_the_tick_Then_it_expires_and_not_a_tick_before()
    {
        var locked = Of(Created, Locked(LockReason.Arrears, Day0, 2));
        WorkspaceDecider.Expire(locked, BufferEnd.AddTicks(-1)).ShouldBeEmpty();
        WorkspaceDecider.Expire(locked, BufferEnd).ShouldBe([new WorkspaceExpired(BufferEnd)]);
    }

    [Fact]
    public void Given_an_expired_lock_When_time_goes_on_Then_it_does_not_expire_again()
    {
        object[] expired = [Created, Locked(LockReason.Arrears, Day0, 2), new WorkspaceExpired(BufferEnd)];
        WorkspaceDecider.Expire(Of(expired), BufferEnd.AddDays(100)).ShouldBeEmpty();
        // Neither a further reason nor one that is told late and began earlier starts another lock.
        WorkspaceDecider.Expire(Of([.. expired, Locked(LockReason.Operator, BufferEnd.AddDays(1), 3, lockedSince: Day0)]), BufferEnd.AddDays(100)).ShouldBeEmpty();
        WorkspaceDecider.Expire(Of([.. expired, Locked(LockReason.SubscriptionFrozen, Day0.AddDays(-1), 3)]), BufferEnd.AddDays(100)).ShouldBeEmpty();
    }

    [Fact]
    public void Given_an_expired_workspace_When_it_is_unlocked_and_locked_again_Then_it_can_expire_again()
    {
        var later = Day0.AddDays(30);
        var workspace = Of(
            Created, Locked(LockReason.Arrears, Day0, 2), new WorkspaceExpired(BufferEnd), new UnlockedNoted(Day0.AddDays(20), 3), Locked(LockReason.Operator, later, 4));
        WorkspaceDecider.Expire(workspace, later.AddDays(14)).ShouldBe([new WorkspaceExpired(later.AddDays(14))]);
    }

    [Fact]
    public void Given_a_workspace_When_its_exact_name_is_typed_Then_it_is_dissolved() =>
        WorkspaceDecider.Dissolve(Of(Created), "My Workspace", "user:ann", Day0).ShouldBe([new WorkspaceDissolved("user:ann", Day0)]);

    [Theory]
    [InlineData("my workspace")]
    [InlineData("My Workspace ")]
    [InlineData("")]
    public void Given_a_workspace_When_another_name_is_typed_Then_it_is_refused(string typed) =>
        Should.Throw<BillingRefusal>(() => WorkspaceDecider.Dissolve(Of(Created), typed, "user:ann", Day0)).Code.ShouldBe("confirmation-mismatch");

    [Fact]
    public void Given_a_dissolved_workspace_When_it_is_dissolved_again_Then_nothing_happens() =>
        WorkspaceDecider.Dissolve(Of(Created, new WorkspaceDissolved("user:ann", Day0)), "whatever", "user:ann", Day0).ShouldBeEmpty();

    [Fact]
    public void Given_a_dissolved_workspace_When_the_Billing_Center_tells_more_Then_it_is_noted_and_stays_dissolved()
    {
        var dissolved = Of(Created, Bound, new WorkspaceDissolved("user:ann", Day0));
        var news = WorkspaceDecider.Note(dissolved, [Locked(LockReason.Arrears, Day0, 2)]);
        var workspace = news.Aggregate(dissolved, On);

        workspace.SettlementVersion.ShouldBe(2);
        AccessDecider.Decide(workspace, Day0).State.ShouldBe(WorkspaceState.Dissolved);
        WorkspaceDecider.Expire(workspace, Day0.AddDays(15)).ShouldBeEmpty();
    }
}
