using System.Collections.Frozen;
using System.Globalization;
using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Documents;

/// <summary>The words of a monthly bill, in Chinese and English.</summary>
internal static class MonthlyBillTexts
{
    private static readonly FrozenDictionary<string, (string En, string Zh)> Words = new Dictionary<string, (string En, string Zh)>(StringComparer.Ordinal)
    {
        ["title"] = ("Monthly bill", "月度账单"),
        ["brand"] = ("Guance", "观测云"),
        ["company"] = ("Company", "公司"),
        ["account"] = ("Billing account", "计费账户"),
        ["username"] = ("Username", "用户名"),
        ["month"] = ("Month", "账期"),
        ["period"] = ("Period", "起止时间"),
        ["time-zone"] = ("Billing time zone", "计费时区"),
        ["bill-number"] = ("Bill number", "账单编号"),
        ["total"] = ("Total", "合计"),
        ["paid-by"] = ("How it was paid", "支付方式"),
        ["kind"] = ("Paid from", "资金来源"),
        ["details"] = ("Details", "说明"),
        ["amount"] = ("Amount", "金额"),
        ["payers"] = ("By payer", "按付款方"),
        ["payer"] = ("Payer", "付款方"),
        ["invoiced-by"] = ("Invoiced by", "开票方"),
        ["items"] = ("By item", "按计费项"),
        ["item"] = ("Item", "计费项"),
        ["retention"] = ("Retention", "保存时长"),
        ["quantity"] = ("Quantity (sum of days)", "用量（按日累计）"),
        ["sites"] = ("By site and workspace", "按站点与工作空间"),
        ["workspace"] = ("Workspace", "工作空间"),
        ["workspace-id"] = ("Workspace ID", "工作空间 ID"),
        ["adjustments"] = ("Adjustments of earlier days", "往日费用调整"),
        ["adjusts"] = ("Day adjusted", "调整日期"),
        ["billed"] = ("Billed on", "入账日期"),
        ["notes"] = ("Notes", "备注"),
        ["days"] = ("{0} d", "{0} 天"),
        ["page"] = ("Page {0} of {1}", "第 {0} 页，共 {1} 页"),
        ["to"] = ("{0} to {1}", "{0} 至 {1}"),
        ["adjustments-left-out"] = ("{0} further adjustments stand in the CSV.", "另有 {0} 条调整，详见 CSV 明细。"),
        ["ordinary-voucher"] = ("Ordinary vouchers", "普通代金券"),
        ["full-reduction-voucher"] = ("Full-reduction vouchers", "满减代金券"),
        ["prepaid-card"] = ("Prepaid cards", "预付卡"),
        ["cash"] = ("Cash", "现金"),
        ["arrears"] = ("Arrears (owing when billed)", "欠费（出账时未付）"),
        ["cloud-account"] = ("Cloud account", "云账户"),
        ["billing-center"] = ("Billing Center", "费用中心"),
        ["guance"] = ("Guance", "观测云"),
        ["huawei-cloud"] = ("Huawei Cloud", "华为云"),
        ["alibaba-cloud"] = ("Alibaba Cloud", "阿里云"),
        ["aws"] = ("AWS", "亚马逊云科技"),
        ["azure"] = ("Microsoft Azure", "微软 Azure"),
        ["tencent-cloud"] = ("Tencent Cloud", "腾讯云"),
        ["time-series"] = ("Time series", "时间线"),
        ["logs"] = ("Logs", "日志"),
        ["apm-trace"] = ("APM traces", "应用性能 Trace"),
        ["apm-profile"] = ("APM profiles", "应用性能 Profile"),
        ["rum-pv"] = ("RUM page views", "用户访问 PV"),
        ["session-replay"] = ("Session replay", "会话重放"),
        ["synthetic-tests"] = ("Synthetic tests", "可用性监测"),
        ["task-calls"] = ("Task calls", "任务调用"),
        ["network-host"] = ("Network hosts", "网络主机"),
        ["data-forwarding-external"] = ("Data forwarding, external", "数据转发（外部）"),
        ["data-forwarding-internal"] = ("Data forwarding, internal", "数据转发（内部）"),
        ["sensitive-data-scan"] = ("Sensitive-data scan", "敏感数据扫描"),
        ["central-pipeline"] = ("Central pipeline", "中心 Pipeline"),
        ["scheduled-report"] = ("Scheduled reports", "定时报告"),
        ["sms"] = ("SMS", "短信"),
        ["note-cloud"] = (
            "What is paid by a cloud account is invoiced by the cloud vendor ({0}), not by Guance. Ask for that invoice at the vendor's console.",
            "由云账户支付的费用由云厂商（{0}）开具发票，观测云不另行开票；请在云厂商控制台申请。"),
        ["note-empty"] = ("There were no charges in this month.", "本账期没有产生费用。"),
        ["note-details"] = (
            "Charges by day stand in the CSV of the month's consumption. Each day's lines are rounded to two decimals; what rounding leaves is carried to the next day.",
            "每日明细见该账期的消费明细 CSV。每条明细按两位小数四舍五入，舍入余额结转至次日。"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A word in the language; what has none stands for itself.</summary>
    public static string Say(string language, string key, params ReadOnlySpan<object?> values) =>
        !Words.TryGetValue(key, out var words) ? key
        : values.IsEmpty ? (language == "zh" ? words.Zh : words.En)
        : string.Format(CultureInfo.InvariantCulture, language == "zh" ? words.Zh : words.En, values);

    public static IReadOnlyList<MonthlyNote> Notes(IEnumerable<string> payers, bool isEmpty, string language)
    {
        var vendors = payers.Select(Payers.Provider).OfType<string>().Distinct().Select(provider => Say(language, provider)).ToArray();
        return
        [
            .. isEmpty ? [new MonthlyNote("no-charges", Say(language, "note-empty"))] : Array.Empty<MonthlyNote>(),
            .. vendors.Length > 0 ? [new MonthlyNote("invoiced-by-cloud-vendor", Say(language, "note-cloud", string.Join(language == "zh" ? "、" : ", ", vendors)))] : Array.Empty<MonthlyNote>(),
            new("details-in-csv", Say(language, "note-details")),
        ];
    }
}
