using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement.Contracts;

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
    public string Reconciliation => In("Reconciliation", "对账");
    public string AtRisk => In("At risk", "风险金额");
    public string PushedRecords => In("Pushed usage", "用量推送记录");
    public string PriceBook => In("Price book", "价格表");
    public string Jobs => In("Jobs", "后台任务");
    public string Audit => In("Audit", "审计日志");

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
    public string CheckAgain => In("Check these days again", "重新校验所选日期");
    public string ChecksFound(int found, long open) => In(
        found == 0 ? $"Nothing was found. {open} violations are open." : $"{found} violations were found. {open} are open.", found == 0 ? $"未发现异常，当前共有 {open} 项未修复。" : $"发现 {found} 项异常，当前共有 {open} 项未修复。");
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

    public string ReconciliationMeans => In("What the days' bills left to cloud accounts, what the market took, and what it billed. Those that differ come first.", "对比云账号应付金额、云商店已接收金额与云商店出账金额，有差异的排在最前。");
    public string NothingToReconcile => In("No cloud account was charged in these days.", "所选日期内没有由云账号支付的费用。");
    public string Agreeing(int inOrder, int all) => In($"{inOrder} of {all} subscriptions agree.", $"{all} 个资源中 {inOrder} 个一致。");
    public string Agrees => In("agrees", "一致");
    public string Differs => In("look", "待核查");
    public string Rated => In("Rated", "应付");
    public string Stated => In("Stated", "已通知");
    public string Taken => In("Taken by the market", "云商店已接收");
    public string Unanswered => In("unanswered", "未应答");
    public string Refused => In("refused", "被拒绝");
    public string Unsent => In("not sent yet", "未发送");
    public string BilledByMarket => In("Billed by the market", "云商店出账");
    public string Difference => In("Difference", "差异");
    public string Differences => In("Differences", "差异");
    public string DayByDay => In("Day by day", "逐日明细");
    public string DifferenceName(DifferenceKind kind) => kind switch
    {
        DifferenceKind.NotStated => In("rated, not stated yet", "已计费，尚未通知"),
        DifferenceKind.StatedWithoutCharge => In("stated beyond the journal", "通知金额超出账本"),
        DifferenceKind.GoesOutAgain => In("refused, goes out again", "被拒绝，将重新推送"),
        DifferenceKind.OnItsWay => In("on its way", "推送中"),
        DifferenceKind.Residue => In("below the smallest amount, carried", "不足最小推送金额，结转"),
        DifferenceKind.NotPushed => In("owed and not pushed", "应付未推送"),
        DifferenceKind.PushedBeyondCharge => In("taken beyond what is owed", "接收金额超出应付"),
        DifferenceKind.NotBilled => In("taken, not billed", "已接收未出账"),
        _ => In("billed beyond what was taken", "出账超出接收金额"),
    };
    public string ImportMarketBill => In("Import the market's monthly file", "导入云商店月度账单");
    public string MarketBillMeans => In("The file is first set against what the market took; nothing is kept until you import it. It replaces what was imported for its month, and older versions are kept.", "文件将先与云商店已接收金额比对，确认导入前不保存任何内容。导入后替换该月已导入的账单，旧版本予以保留。");
    public string MarketBillFile => In("The file (CSV)", "账单文件（CSV）");
    public string FileTooLarge => In("The file is larger than 32 MB. Choose the file of one month.", "文件超过 32 MB，请选择单个月份的文件。");
    public string Month => In("Month", "账期");
    public string MarketBillAgrees => In("The file agrees with what the market took.", "账单与云商店已接收金额一致。");
    public string MarketBillDiffers(long count, int shown) => In(
        count == shown ? $"{count} days of instances differ." : $"{count} days of instances differ; the first {shown} are shown.", count == shown ? $"共有 {count} 处差异。" : $"共有 {count} 处差异，仅显示前 {shown} 处。");
    public string NotInFile(string record) => In($"not in the file: {record}", $"账单中缺少：{record}");
    public string Import => In("Import", "导入");
    public string Imported(string month, int version) => In($"The file of {month} is imported, version {version}.", $"已导入 {month} 账单，版本 {version}。");

    public string AtRiskMeans => In("What cloud accounts owe and the market has not taken. The market refuses what began more than 21 days ago; of a closed subscription nothing is taken after that.", "云账号应付而云商店尚未接收的金额。云商店不接收 21 天之前的用量；资源关闭 21 天后不再接收任何金额。");
    public string NothingAtRisk => In("The market has taken everything that is owed.", "应付金额均已被云商店接收。");
    public string SendNow => In("Send now", "立即推送");
    public string SendAllNow => In("Send everything now", "全部立即推送");
    public string SentAgain(int instances, int records) => In($"{instances} subscriptions and {records} records are sent again now.", $"正在重新推送 {instances} 个资源、{records} 条记录。");
    public string TimeLeft => In("Time left", "剩余时间");
    public string Lost => In("too late", "已逾期");
    public string RefusedFrom(string when) => In($"refused from {when}", $"{when} 起不再接收");
    public string WhereItStands => In("Where it stands", "当前状态");
    public string UnknownHere => In("not known here", "未知资源");
    public string OldestDay => In("Oldest day", "最早日期");
    public string WaitsFor(string why) => why switch
    {
        "not-yet" => In("waits until there is more to send", "等待累积到可推送金额"),
        "rejected" => In("waits, since it was refused", "被拒绝，等待重试"),
        "too-late" => In("the market takes it no more", "云商店已不再接收"),
        _ => why,
    };
    public string NextAttempt(string when) => In($"sent again at {when}", $"下次推送 {when}");
    public string MostUrgent(int count) => In($"The {count} most urgent are shown.", $"仅显示最紧急的 {count} 个。");

    public string All => In("All", "全部");
    public string Record => In("Record", "记录");
    public string Verdicts => In("The market's verdicts", "云商店应答");
    public string NoRecords => In("Nothing like that was pushed.", "没有符合条件的推送记录。");
    public string PushState(UsagePushState state) => state switch
    {
        UsagePushState.Accepted => In("taken", "已接收"),
        UsagePushState.Rejected => In("refused", "被拒绝"),
        _ => In("unanswered", "未应答"),
    };
    public string MarkRefused => In("Mark as refused", "标记为被拒绝");
    public string MarkTaken => In("Mark as taken", "标记为已接收");
    public string MarkRefusedMeans(string amount) => In($"The market refused this record after all: {amount} goes out again in a new record. This cannot be taken back.", $"云商店最终拒绝了该记录：{amount} 将以新记录重新推送。此操作无法撤销。");
    public string MarkTakenMeans(string amount) => In($"The market took this record although its answer was lost: {amount} is not sent again.", $"云商店已接收该记录，但应答丢失：{amount} 不再推送。");
    public string WhereSeen => In("Where this was seen, such as a file and its line", "依据（例如文件名与行号）");

    public string PriceBookMeans => In("A new version is a whole file. What it would change is shown first; prices of closed days never change.", "新版本须为完整的价格文件，发布前会先显示差异。已结算日期的价格不会改变。");
    public string NewPriceBook => In("New price book (CSV)", "新价格表（CSV）");
    public string PriceBookCsv => In("This version (CSV)", "下载该版本（CSV）");
    public string WhatWouldChange => In("What would change", "变更预览");
    public string SamePriceBook => In("The file says what already holds.", "文件内容与当前价格表相同。");
    public string Changes(int added, int changed, int removed, int version) => In($"Version {version}: {changed} prices change, {added} are added, {removed} removed.", $"版本 {version}：修改 {changed} 项，新增 {added} 项，移除 {removed} 项。");
    public string Change => In("Change", "变更");
    public string Added => In("added", "新增");
    public string Changed => In("changed", "修改");
    public string Removed => In("removed", "移除");
    public string Region => In("Region", "区域");
    public string EffectiveFrom => In("Effective from", "生效日期");
    public string Before => In("Before", "变更前");
    public string After => In("After", "变更后");
    public string Price => In("Price of a day", "每日价格");
    public string Version => In("Version", "版本");
    public string VersionOf(int version, string when, string by) => In($"{version}, published {when} by {by}", $"{version}，{by} 发布于 {when}");
    public string PublishVersion(int version) => In($"Publish version {version}", $"发布版本 {version}");
    public string Published(int version) => In($"Version {version} is published.", $"版本 {version} 已发布。");

    public string AuditMeans => In("What operators did here, kept with its effect and never edited; also who signed in, or tried to. What was done at a site by its API stands in that site's audit.", "运营人员在此的操作记录，与操作同时写入且不可修改，包含登录及登录失败。通过站点 API 执行的操作记录在该站点。");
    public string Operator => In("Operator", "运营人员");
    public string About => In("About", "对象");
    public string Act => In("Act", "操作");
    public string Said => In("With", "内容");
    public string When => In("When", "时间");
    public string NoActs => In("Nothing like that was done.", "没有符合条件的操作记录。");
    public IReadOnlyList<(string Name, string Text)> Acts =>
    [
        ("sign-in", In("signed in", "登录")),
        ("sign-in-refused", In("tried to sign in", "登录失败")),
        ("credit-cash", In("credited cash", "充值现金")),
        ("issue-voucher", In("issued a voucher", "发放代金券")),
        ("lock-workspace", In("locked a workspace", "锁定工作空间")),
        ("unlock-workspace", In("unlocked a workspace", "解锁工作空间")),
        ("change-settlement-method", In("changed a settlement method", "变更结算方式")),
        ("allow-arbitrary-settlement", In("allowed arbitrary settlement", "开启结算方式任意选择")),
        ("withdraw-arbitrary-settlement", In("withdrew arbitrary settlement", "关闭结算方式任意选择")),
        ("close-day", In("closed a day", "结算某日")),
        ("run-checks", In("ran the checks", "执行校验")),
        ("publish-price-book", In("published a price book", "发布价格表")),
        ("import-market-bill", In("imported the market's file", "导入云商店账单")),
        ("retry-usage-pushes", In("sent usage again", "重新推送用量")),
        ("mark-usage-push-rejected", In("marked a record as refused", "标记推送被拒绝")),
        ("mark-usage-push-accepted", In("marked a record as taken", "标记推送已接收")),
        ("pull-order", In("fetched an order", "拉取订单")),
    ];
    public string ActName(string what) => Acts.FirstOrDefault(act => act.Name == what).Text ?? what;

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
