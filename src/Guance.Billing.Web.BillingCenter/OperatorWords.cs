namespace Guance.Billing.Web.BillingCenter;

/// <summary>The words of the operator's pages in one language.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
internal sealed record OperatorWords(string Code) : TwoLanguages(Code)
{
    private static readonly OperatorWords En = new("en");
    private static readonly OperatorWords Zh = new("zh");

    public static OperatorWords Of(string language) => language == "zh" ? Zh : En;

    public string SignIn => In("Operator sign-in", "运营人员登录");
    public string OperatorId => In("Operator ID", "运营账号");
    public string Secret => In("Secret", "密钥");
    public string Sites => In("Sites", "站点");
    public string Runs => In("Settlement runs", "结算任务");
    public string Quarantine => In("Quarantine", "隔离用量");
    public string Violations => In("Violations", "异常");
    public string Credits => In("Credits", "充值与代金券");
    public string Locks => In("Locks", "锁定");

    public string Site => In("Site", "站点");
    public string InOrder => In("in order", "正常");
    public string Behind => In("behind", "滞后");
    public string Unreachable => In("unreachable", "无法连接");
    public string State => In("State", "状态");
    public string Told => In("Told", "已下发");
    public string Applied => In("Applied there", "站点已应用");
    public string Pending(long count, string lag) => In(count == 0 ? "nothing waits" : $"{count} wait, for {lag}", count == 0 ? "无待应用" : $"{count} 条待应用，已等待 {lag}");
    public string ReadHere => In("Its feed applied here", "已接收站点数据");
    public string LastContact => In("Last contact", "最近联系");
    public string Ago(string span) => In($"{span} ago", $"{span} 前");
    public string Never => In("never", "从未");
    public string NoSites => In("No site is configured. Name each by Deployment__Sites__CODE__Url and start again.", "尚未配置站点。请通过 Deployment__Sites__代码__Url 配置后重新启动。");

    public string Date => In("Date", "日期");
    public string StartedAt => In("Started", "开始");
    public string CompletedAt => In("Completed", "完成");
    public string Bills => In("Bills", "账单数");
    public string Lines => In("Lines", "明细数");
    public string Total => In("Total", "金额");
    public string Close => In("Close this day", "结算该日");
    public string ClosingNow => In("Closing; it goes on if you leave.", "结算中，离开页面不影响执行。");
    public string Closed(string day) => In($"{day} is closed.", $"{day} 已结算。");
    public string RunState(string state) => state switch { "rating" => In("rating", "计费中"), "rated" => In("bills made", "账单已生成"), _ => In("completed", "已完成") };
    public string NoRuns => In("No day has been closed yet.", "尚未结算任何日期。");

    public string NothingQuarantined => In("Nothing was set aside.", "没有被隔离的用量。");
    public string Item => In("Item", "计费项");
    public string Why => In("Why", "原因");
    public string Count => In("How many", "数量");
    public string Since => In("From", "起始");
    public string Until => In("To", "截止");
    public string WhyOf(string code) => code switch
    {
        "unknown-workspace" => In("unknown workspace", "未知的工作空间"),
        "unknown-item" => In("unknown item", "未知的计费项"),
        "no-price" => In("no price", "没有价格"),
        _ => code,
    };
    public string QuarantineMeans => In("Usage that is unknown here waits and is never dropped: what becomes known is charged by the next bill. Events at a site are tried again, or discarded, by the site's API.", "无法识别的用量会被保留而不会丢弃；一旦可识别，将计入下一张账单。站点上的事件可通过站点 API 重试或丢弃。");

    public string NoViolations => In("Every invariant of money holds.", "所有资金校验均通过。");
    public string StopsBilling => In("Billing has stopped for these accounts until the checks no longer find it.", "相关账号已停止计费，直至校验通过。");
    public string Account => In("Account", "账号");
    public string ExpectedFound => In("Right / found", "应为 / 实际");
    public string Repair => In("Repair", "处理方法");
    public string ShowResolved => In("Repaired ones, too", "包含已修复");
    public string ResolvedAt(string when) => In($"repaired {when}", $"已于 {when} 修复");

    public string FindAccount => In("Username or account ID", "用户名或账号 ID");
    public string Find => In("Find", "查找");
    public string GiveCash => In("Credit cash", "充值现金");
    public string GiveVoucher => In("Issue a voucher", "发放代金券");
    public string Amount => In("Amount", "金额");
    public string Kind => In("Kind", "种类");
    public string ValidDays => In("Valid for days", "有效天数");
    public string ReasonOptional => In("Reason (optional)", "原因（选填）");
    public string Confirm(string what, string who) => In($"{what} for {who}?", $"确定为 {who} {what}？");
    public string CashGiven(string amount) => In($"{amount} credited.", $"已充值 {amount}。");
    public string VoucherGiven(string amount) => In($"A voucher of {amount} issued.", $"已发放 {amount} 代金券。");
    public string Arbitrary => In("Arbitrary settlement method selection", "结算方式任意选择");
    public string Allow => In("Allow", "开启");
    public string Withdraw => In("Withdraw", "关闭");
    public string AmountInvalid => In("Give a number with at most two decimals.", "请填写数字，最多两位小数。");

    public string FindWorkspace => In("Name or ID of a workspace", "工作空间名称或 ID");
    public string Reason => In("Reason (stays in the history)", "原因（记入历史）");
    public string Lock => In("Lock", "锁定");
    public string Unlock => In("Unlock", "解锁");
    public string LockTitle(string name) => In($"Lock {name}?", $"锁定 {name}？");
    public string UnlockTitle(string name) => In($"Unlock {name}, whatever holds?", $"解锁 {name}（无论何种原因）？");
    public string LockMeans => In("Its users are shut out at once; its owner can only ask for it to be unlocked. The buffer of 14 days begins.", "用户将立即无法使用，所有者只能申请解锁；14 天缓冲期开始计时。");
    public string Done => In("Done.", "已完成。");
    public string Nothing => In("No workspace is like that.", "没有符合条件的工作空间。");
}
