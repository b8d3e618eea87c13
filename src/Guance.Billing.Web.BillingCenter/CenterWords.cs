using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Web.BillingCenter;

/// <summary>The words of the Billing Center's pages in one language.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
internal sealed record CenterWords(string Code) : TwoLanguages(Code)
{
    private static readonly CenterWords En = new("en");
    private static readonly CenterWords Zh = new("zh");

    public static CenterWords Of(string language) => language == "zh" ? Zh : En;

    public string BillingCenter => In("Guance Billing Center", "观测云费用中心");
    public string WorkspaceManagement => In("Workspace Management", "工作空间管理");
    public string Search => In("Name or ID", "名称或 ID");
    public string AllSites => In("All sites", "全部站点");
    public string AllStates => In("All states", "全部状态");
    public string AllMethods => In("All settlement methods", "全部结算方式");
    public string Workspace => In("Workspace", "工作空间");
    public string Site => In("Site", "站点");
    public string State => In("State", "状态");
    public string Method => In("Settlement method", "结算方式");
    public string SettledSince => In("Settled so since", "当前方式起始时间");
    public string NextChange => In("Next change possible", "下次可变更时间");
    public string NowPossible => In("now", "现在");
    public string BufferUntil => In("Usable until", "可用至");
    public string SiteCatchesUp => In("The site has not applied the latest change yet.", "站点尚未应用最新的变更。");
    public string NothingFound => In("No workspace is like that.", "没有符合条件的工作空间。");
    public string NoWorkspaces => In("No workspace is settled by this account yet. Register one at a site with this account as its Billing Center account.", "该账号尚未结算任何工作空间。请在站点注册工作空间，并绑定此费用中心账号。");
    public string ClearFilters => In("Show all", "显示全部");

    public string StateName(LockState state) => state switch
    {
        LockState.Normal => In("Normal", "正常"),
        LockState.Locked => In("Locked", "已锁定"),
        LockState.Expired => In("Expired", "已过期"),
        _ => In("Dissolved", "已解散"),
    };

    public string ReasonName(LockReason reason) => reason switch
    {
        LockReason.SubscriptionClosed => In("purchase closed", "资源已关闭"),
        LockReason.SubscriptionFrozen => In("purchase frozen", "资源已冻结"),
        LockReason.Arrears => In("arrears", "欠费"),
        _ => In("locked by an operator", "管理员锁定"),
    };

    public string MethodName(SettlementMethod method) => method.Value switch
    {
        "billing-center" => In("Billing Center Settlement", "费用中心结算"),
        "huawei-cloud" => In("Huawei Cloud Account Settlement", "华为云账号结算"),
        var other => other,
    };
}
