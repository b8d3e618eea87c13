namespace Guance.Billing.Web.BillingCenter;

/// <summary>The settlement methods that people can choose.</summary>
internal static class Methods
{
    public static SettlementMethod Huawei { get; } = SettlementMethod.Cloud(CloudProvider.HuaweiCloud);

    public static IReadOnlyList<SettlementMethod> All { get; } = [SettlementMethod.BillingCenter, Huawei];
}
