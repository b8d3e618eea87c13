using Guance.Billing.Workspaces.Domain;

namespace Guance.Billing.Workspaces.Tests.Domain;

/// <summary>A workspace from its events, as the store makes it.</summary>
internal static class Fold
{
    public static readonly DateTimeOffset Day0 = new(2026, 3, 1, 8, 30, 0, TimeSpan.Zero);

    public static readonly BillingAccountId Account = Ids.Deterministic<BillingAccountId>("one");

    public static readonly CloudAccountKey Huawei = new(CloudProvider.HuaweiCloud, "0123456789abcdef0123456789abcdef");

    public static readonly WorkspaceCreated Created = new(
        "user-1", "My Workspace", "en", Account, SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Huawei, Day0);

    public static readonly BoundNoted Bound = new(Account, SettlementMethod.Cloud(CloudProvider.HuaweiCloud), Huawei, Day0, SourceVersion: 1);

    public static Workspace Of(params IEnumerable<object> events) => events.Aggregate(new Workspace { Id = "wksp_1" }, On);

    public static Workspace On(Workspace workspace, object e) => Apply(workspace, e) with { Version = workspace.Version + 1 };

    public static LockedNoted Locked(LockReason reason, DateTimeOffset since, long version, DateTimeOffset? lockedSince = null, string? closingId = null) =>
        new(reason, since, lockedSince ?? since, closingId, version);

    private static Workspace Apply(Workspace workspace, object e) => e switch
    {
        WorkspaceCreated created => workspace.Apply(created),
        BoundNoted noted => workspace.Apply(noted),
        MethodNoted noted => workspace.Apply(noted),
        LockedNoted noted => workspace.Apply(noted),
        LockLiftedNoted noted => workspace.Apply(noted),
        UnlockedNoted noted => workspace.Apply(noted),
        WorkspaceExpired expired => workspace.Apply(expired),
        WorkspaceDissolved dissolved => workspace.Apply(dissolved),
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, message: null),
    };
}
