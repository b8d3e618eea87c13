using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement.Tests.Domain;

/// <summary>What the tests of the domain speak about.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Day0 = new(2026, 11, 2, 3, 0, 0, TimeSpan.Zero);
    public static readonly TimeZoneInfo China = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
    public static readonly SiteCode Cn4 = SiteCode.Of("cn4");
    public static readonly CloudLink Purchase = new(CloudProvider.HuaweiCloud, "0123456789abcdef0123456789abcdef", "inst-1");
    public static readonly CloudLink SecondPurchase = Purchase with { InstanceId = "inst-2" };
    public static readonly WorkspaceId Workspace = Ids.Deterministic<WorkspaceId>("a workspace");
    public static readonly BillingAccountId Account = Ids.Deterministic<BillingAccountId>("an account");

    public static WorkspaceBound Bound(CloudLink? cloud = null) => new(
        Workspace, Cn4, Account, "Ordering", "zh",
        cloud is null ? SettlementMethod.BillingCenter : SettlementMethod.Cloud(cloud.Provider), cloud,
        Ids.Deterministic<RegistrationId>("a registration"), Day0);

    public static WorkspaceSettlement SettledByBillingCenter() => WorkspaceSettlement.Create(Bound());

    public static WorkspaceSettlement SettledBy(CloudLink cloud) => WorkspaceSettlement.Create(Bound(cloud));

    public static WorkspaceSettlement With(this WorkspaceSettlement state, IEnumerable<object> events) => WorkspaceSettlementDecider.After(state, events);

    public static WorkspaceSettlement Locked(this WorkspaceSettlement state, LockReason reason, DateTimeOffset? at = null) =>
        state.With(WorkspaceSettlementDecider.Lock(state, reason, at ?? Day0.AddDays(1), "system", null));

    public static WorkspaceSettlement Cancelled(this WorkspaceSettlement state, DateTimeOffset? at = null) =>
        state.With(WorkspaceSettlementDecider.LoseSubscription(
            state, state.Cloud!.Instance, ProviderPolicy.Of(state.Cloud.Provider).OnCancelled, at ?? Day0.AddDays(1)));

    public static void ShouldBeRefused(this Action action, string code, RefusalKind kind = RefusalKind.Conflict)
    {
        var refusal = Should.Throw<BillingRefusal>(action);
        refusal.Code.ShouldBe(code);
        refusal.Kind.ShouldBe(kind);
    }
}
