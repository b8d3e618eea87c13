namespace Guance.Billing.Web;

/// <summary>What the field calls its things, alike on the pages of sites and of the Billing Center.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
public abstract record Terms(string Code) : TwoLanguages(Code)
{
    public string MethodName(SettlementMethod method) => method.Value switch
    {
        "billing-center" => In("Billing Center Settlement", "费用中心结算"),
        "huawei-cloud" => In("Huawei Cloud Account Settlement", "华为云账号结算"),
        var other => other,
    };

    public string ReasonName(LockReason reason) => reason switch
    {
        LockReason.SubscriptionClosed => In("purchase closed", "资源已关闭"),
        LockReason.SubscriptionFrozen => In("purchase frozen", "资源已冻结"),
        LockReason.Arrears => In("arrears", "欠费"),
        _ => In("locked by an operator", "管理员锁定"),
    };

    public string ItemName(string item) => item switch
    {
        "time-series" => In("Time series", "时间线"),
        "logs" => In("Logs", "日志"),
        "apm-trace" => In("APM traces", "应用性能 Trace"),
        "apm-profile" => In("APM profiles", "应用性能 Profile"),
        "rum-pv" => In("RUM page views", "用户访问 PV"),
        "session-replay" => In("Session replay", "会话重放"),
        "synthetic-tests" => In("Synthetic tests", "可用性监测"),
        "task-calls" => In("Task calls", "任务调用"),
        "network-host" => In("Network hosts", "网络主机"),
        "data-forwarding-external" => In("Data forwarding, external", "数据转发（外部）"),
        "data-forwarding-internal" => In("Data forwarding, internal", "数据转发（内部）"),
        "sensitive-data-scan" => In("Sensitive-data scan", "敏感数据扫描"),
        "central-pipeline" => In("Central pipeline", "中心 Pipeline"),
        "scheduled-report" => In("Scheduled reports", "定时报告"),
        "sms" => In("SMS", "短信"),
        _ => item,
    };
}
