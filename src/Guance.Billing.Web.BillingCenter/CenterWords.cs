using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Web.BillingCenter;

/// <summary>The words of the Billing Center's pages in one language.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
internal sealed record CenterWords(string Code) : Terms(Code)
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

    public string Overview => In("Overview", "账号概览");
    public string CloudAccounts => In("Cloud accounts", "云账号");
    public string Bills => In("Bills", "账单");
    public string IncomeAndExpenditure => In("Income and expenditure", "收支明细");
    public string VouchersAndCards => In("Vouchers and prepaid cards", "代金券与预购卡");
    public string AccountTitle => In("Account", "账号");

    public string Actions => In("Actions", "操作");
    public string Change => In("Change", "变更");
    public string ChangeMethod => In("Change settlement method", "变更结算方式");
    public string SettledNow => In("Settled now by", "当前结算方式：");
    public string Unlock => In("Unlock", "解锁");
    public string History => In("History", "历史");
    public string BillingCenterMeans => In("Charges are taken from this account: vouchers, prepaid cards, then cash.", "费用从本账号扣除：依次使用代金券、预购卡、现金。");
    public string HuaweiMeans => In("What vouchers and prepaid cards don't cover is charged to the Huawei Cloud account.", "代金券与预购卡抵扣后的余额由华为云账号支付。");
    public string RegisteredCloudAccount => In("Registered cloud account settlement", "已登记的云账号");
    public string AnotherCloudAccount => In("Another cloud account", "其他云账号");
    public string AccountId => In("Account ID", "账号 ID");
    public string ProductInstanceId => In("Product Instance ID", "商品实例 ID");
    public string WhereAccountId => In("Huawei Cloud console › My Credentials", "华为云控制台 › 我的凭证");
    public string WhereInstanceId => In("Huawei Cloud Marketplace › Purchased Services › details", "华为云云商店 › 已购买的服务 › 详情");
    public string GoToHuawei => In("Go to Huawei Cloud to activate", "前往华为云开通");
    public string Preview => In("Preview", "预览");
    public string Back => In("Back", "上一步");
    public string UsageBefore => In("Usage until", "此刻之前的用量");
    public string UsageAfter => In("Usage from", "此刻之后的用量");
    public string PaidBy(string who) => In($"is paid by {who}", $"由 {who} 支付");
    public string EffectiveNow => In("The change takes effect the moment you confirm; every second of usage has one payer.", "变更在确认时立即生效；每一秒用量只由一方支付。");
    public string NextChangeAfter(string when) => In($"This is the one change of this month; the next is possible at {when}.", $"本月仅可变更一次，下次可变更时间：{when}。");
    public string StaysWhileOpen => In("While this purchase is open the workspace cannot leave it; close the resource on the market first.", "在该资源关闭之前，工作空间无法改用其他方式；如需更换，请先在云商店关闭资源。");
    public string NothingChanges => In("It is settled so already; nothing changes.", "当前已是该结算方式，无需变更。");
    public string ShowLatest => In("Show the latest", "查看最新状态");
    public string Changed(string name) => In($"The settlement method of {name} has been changed.", $"已变更 {name} 的结算方式。");
    public string UnlockTitle(string name) => In($"Unlock {name}?", $"解锁 {name}？");
    public string UnlockMeans => In("The workspace can be used at once. From now on the Billing Center account pays for it.", "工作空间立即恢复使用，之后的费用由费用中心账号支付。");
    public string UnlockEmpty => In("Its data has been wiped after the buffer; it is unlocked empty.", "缓冲期已过，数据已被清除，解锁后为空的工作空间。");
    public string UnlockedNow(string name) => In($"{name} is unlocked; the Billing Center settles it.", $"{name} 已解锁，由费用中心结算。");
    public string By => In("by", "操作者");

    public string Balances => In("Balances", "余额");
    public string Cash => In("Cash", "现金");
    public string Prepaid => In("Prepaid cards", "预购卡");
    public string Vouchers => In("Vouchers", "代金券");
    public string Arrears => In("Arrears", "欠费");
    public string NeedsAttention => In("What needs attention", "待处理事项");
    public string NothingNeedsAttention => In("Nothing. All workspaces run, and nothing is owed.", "暂无。所有工作空间运行正常，没有欠费。");
    public string InArrears(string amount, string since, string lockAt) => In($"{amount} owed since {since}. Recharge before {lockAt}: then workspaces are locked.", $"自 {since} 起欠费 {amount}。请在 {lockAt} 之前充值，否则工作空间将被锁定。");
    public string LockedFor(string name, string reason, string until) => In($"{name} is locked ({reason}); it can be used until {until}.", $"{name} 已锁定（{reason}），可用至 {until}。");
    public string ExpiredFor(string name, string reason) => In($"{name} has expired ({reason}). Unlock or dissolve it.", $"{name} 已过期（{reason}），请解锁或解散。");
    public string MoreLocked => In("All locked workspaces", "全部已锁定的工作空间");
    public string ExpiresSoon(string what, string amount, string when) => In($"{what}: {amount} becomes void at {when}.", $"{what}：{amount} 将于 {when} 失效。");
    public string SpendingOf(string month) => In($"Spending of {month}", $"{month} 消费");
    public string SpendingByDay => In("By day", "按日");
    public string BySite => In("By site and workspace", "按站点与工作空间");
    public string ByItem => In("By item", "按计费项");
    public string Total => In("Total", "合计");
    public string ShowMore => In("Show more", "显示更多");
    public string NoSpending => In("No day of this month has been billed yet. A day is billed after its midnight.", "本月尚无已出账的日期。每日费用在当日结束后出账。");
    public string OtherWorkspaces(int count) => In($"{count} more", $"其余 {count} 个");

    public string NoCloudAccounts => In("No cloud account is registered. Buy Guance on Huawei Cloud Marketplace, then change a workspace's settlement method to it.", "尚未登记云账号。请先在华为云云商店开通观测云，再将工作空间的结算方式变更为该云账号。");
    public string ClaimedSince => In("Registered since", "登记时间");
    public string Subscriptions => In("Purchases", "购买记录");
    public string ChargingMode => In("Charging", "计费模式");
    public string ChargingModeName(string? mode) => mode switch
    {
        "ON_DEMAND" => In("pay-per-use", "按需计费"),
        "PERIOD" => In("period", "包周期"),
        null => In("not known yet", "待确认"),
        _ => mode,
    };
    public string ActivatedAt => In("Activated", "开通时间");
    public string ClosedAt => In("Closed", "关闭时间");
    public string ExpiresAt => In("Expires", "到期时间");
    public string WorkspacesAt(string site, int count) => In($"{site}: {count} workspaces", $"{site}：{count} 个工作空间");
    public string NoBoundWorkspaces => In("It settles no workspace now.", "当前没有由其结算的工作空间。");
    public string ClosingProgress => In("Closing", "关闭进度");
    public string WhatClosingDoes => In("What would closing do?", "关闭后会怎样？");
    public string ClosingWouldLock(int count) => In($"Closing this resource on the market would unlink and lock {count} workspaces:", $"在云商店关闭该资源将解除绑定并锁定 {count} 个工作空间：");
    public string ClosingWouldSwitch(int count) => In($"Closing this resource on the market would have the Billing Center settle {count} workspaces; nothing is locked:", $"在云商店关闭该资源后，{count} 个工作空间将改由费用中心结算，不会锁定：");
    public string ClosingConcernsNone => In("Closing this resource would concern no workspace.", "关闭该资源不影响任何工作空间。");
    public string ClosingState(string state) => state switch
    {
        "starting" => In("about to begin", "即将开始"),
        "started" => In("workspaces are losing the link", "正在解除绑定"),
        "announced" => In("sites are told", "正在通知站点"),
        "completed" => In("completed", "已完成"),
        _ => state,
    };
    public string WorkspacesCount(int count) => In(count == 1 ? "1 workspace" : $"{count} workspaces", $"{count} 个工作空间");
    public string TellingSite => In("being told", "通知中");
    public string ToldAt(string when) => In($"told at {when}", $"已于 {when} 通知");
    public string AcknowledgedAt(string when) => In($"acknowledged at {when}", $"已于 {when} 确认");
    public string ElapsedSinceClosing(string span) => In($"{span} after the closing", $"关闭后 {span}");
    public string RunsSince(string span) => In($"running for {span}", $"已进行 {span}");

    public string DailyBills => In("Daily bills", "日账单");
    public string MonthlyBill => In("Monthly bill", "月账单");
    public string From => In("From", "起始日期");
    public string To => In("To", "截止日期");
    public string AnyWorkspace => In("Workspace ID (all if empty)", "工作空间 ID（留空为全部）");
    public string Date => In("Date", "日期");
    public string Item => In("Item", "计费项");
    public string Retention => In("Retention", "保存时长");
    public string Days(int days) => In($"{days} d", $"{days} 天");
    public string Quantity => In("Quantity", "用量");
    public string Price => In("Price", "单价");
    public string Amount => In("Amount", "金额");
    public string Payer => In("Payer", "付款方");
    public string Adjusts(string day) => In($"adjusts {day}", $"调整 {day}");
    public string Explain => In("Explain", "说明");
    public string ExplainLine(string item, string day) => In($"Explain {item} of {day}", $"说明 {day} 的 {item}");
    public string HowItCameAbout => In("How this charge came about", "费用说明");
    public string PickALine => In("Choose “Explain” at a line to see here how its amount came about.", "点击某一行的“说明”，在此查看费用的计算过程。");
    public string NoBills => In("No bill yet. A day is billed after its midnight in the billing time zone.", "暂无账单。每日账单在计费时区当日结束后生成。");
    public string NoBillsSo => In("No bill in this period.", "该期间没有账单。");
    public string Download => In("Download", "下载");
    public string ConsumptionCsv => In("Consumption details (CSV)", "消费明细（CSV）");
    public string FocusCsv => In("FOCUS (CSV)", "FOCUS（CSV）");
    public string MonthPdf => In("Bill (PDF)", "账单（PDF）");
    public string MonthCsv => In("Bill (CSV)", "账单（CSV）");
    public string Month => In("Month", "账期");
    public string PaidFromTitle => In("How it was paid", "支付方式");
    public string PaidFromName(PaidFrom from) => from switch
    {
        PaidFrom.OrdinaryVoucher => In("Ordinary vouchers", "普通代金券"),
        PaidFrom.FullReductionVoucher => In("Full-reduction vouchers", "满减代金券"),
        PaidFrom.PrepaidCard => In("Prepaid cards", "预购卡"),
        PaidFrom.Cash => In("Cash", "现金"),
        PaidFrom.Arrears => In("Arrears (owing when billed)", "欠费（出账时未付）"),
        _ => In("Cloud account", "云账号"),
    };
    public string InvoicedByVendor => In("What a cloud account pays is invoiced by the cloud vendor; ask for it at the vendor's console.", "由云账号支付的费用由云厂商开具发票，请在云厂商控制台申请。");
    public string AdjustmentsOf(long count) => In($"Adjustments of earlier days ({count})", $"往日费用调整（{count} 条）");
    public string NoChargesInMonth => In("There were no charges in this month.", "本账期没有产生费用。");
    public string StepUsage => In("1 · Usage", "1 · 用量");
    public string StepFormula => In("2 · Formula", "2 · 计算公式");
    public string StepPrice => In("3 · Price", "3 · 价格");
    public string StepRounding => In("4 · Rounding", "4 · 取整");
    public string StepPaid => In("5 · Paid by (the whole bill of the day)", "5 · 支付（当日整张账单）");
    public string StepPushed => In("6 · Pushed to the market", "6 · 推送至云商店");
    public string HighestHour => In("The highest hour of the day.", "取当日最高的一小时。");
    public string SumOfHours => In("The sum of this payer's hours of the day.", "该付款方当日各小时之和。");
    public string ShareOfDay(long seconds, long of) => In($"times the payer's share of the day: {seconds} of {of} seconds", $"乘以该付款方占当日的比例：{seconds} / {of} 秒");
    public string PricePer(string price, string unit) => In($"{price} for {unit} a day", $"每日 {unit} 为 {price}");
    public string PriceVersion(int version, string from, string region) => In($"Price book version {version}, region {region}, in effect from {from}.", $"价格表版本 {version}，区域 {region}，自 {from} 起生效。");
    public string RoundingWords(string exact, string carryIn, string amount, string carryOut) => In(
        $"{exact} + {carryIn} carried from before, rounded half-up to 2 decimals = {amount}; {carryOut} is carried on.",
        $"{exact} + 结转 {carryIn}，四舍五入至两位小数 = {amount}；余 {carryOut} 结转至下次。");
    public string AdjustmentWords(string before, string with) => In($"Charged before: {before}; with this line the day comes to {with}.", $"此前已计 {before}；加上本行，当日合计 {with}。");
    public string UsageChangedSince => In("More usage of this day has arrived since; the difference is or will be a later line.", "此后又有该日的用量到达；差额已计入或将计入之后的账单行。");
    public string Hours(int count) => In(count == 1 ? "1 hour" : $"{count} hours", $"{count} 个小时");
    public string Hour => In("Hour", "小时");
    public string PushAccepted => In("accepted", "已接受");
    public string PushRejected => In("rejected", "被拒绝");
    public string PushUnanswered => In("on its way", "推送中");

    public string What => In("What", "类型");
    public string Reference => In("Reference", "关联");
    public string CashAfter => In("Cash afterwards", "现金余额");
    public string JournalCsv => In("Income and expenditure (CSV)", "收支明细（CSV）");
    public string NoEntries => In("No money has moved yet.", "暂无收支。");
    public string Movement(string kind) => kind switch
    {
        "usage-charged" => In("Usage charged", "用量扣费"),
        "cash-credited" => In("Recharge", "充值"),
        "voucher-issued" => In("Voucher issued", "发放代金券"),
        "card-redeemed" => In("Prepaid card", "兑换预购卡"),
        "arrears-repaid" => In("Arrears repaid", "偿还欠费"),
        "voucher-expired" => In("Voucher expired", "代金券失效"),
        "card-expired" => In("Prepaid card expired", "预购卡失效"),
        _ => kind,
    };
    public string LedgerName(string ledger) => ledger switch
    {
        "cash" => Cash,
        "usage" => In("Usage", "用量"),
        _ when ledger.StartsWith("voucher:", StringComparison.Ordinal) => In("Voucher", "代金券"),
        _ when ledger.StartsWith("card:", StringComparison.Ordinal) => In("Prepaid card", "预购卡"),
        _ when ledger.StartsWith("cloud:", StringComparison.Ordinal) => In("Cloud account", "云账号"),
        "outside:cash" => In("Paid in", "入账"),
        "outside:grant" => In("Granted", "发放"),
        "outside:card" => In("Bought", "购买"),
        "outside:expired" => In("Void", "失效"),
        _ => ledger,
    };

    public string Kind => In("Kind", "种类");
    public string KindName(string kind) => kind == "ordinary" ? In("Ordinary voucher", "普通代金券") : In("Full-reduction voucher", "满减代金券");
    public string FaceValue => In("Face value", "面值");
    public string Balance => In("Balance", "余额");
    public string CreditState(string state) => state switch { "active" => In("active", "有效"), "used" => In("used", "已用完"), _ => In("expired", "已过期") };
    public string IssuedAt => In("Issued", "发放时间");
    public string PurchasedAt => In("Bought", "购买时间");
    public string Number => In("Number", "编号");
    public string OrderNumber => In("Order number", "订单号");
    public string BuyPrepaidCard => In("Buy prepaid card", "购买预购卡");
    public string RedeemMeans => In(
        "Buy prepaid cards on Huawei Cloud Marketplace, copy the order number from My Orders, and bring them in here. An order works once; cards are valid for a year and are not refunded.",
        "在华为云云商店购买预购卡后，从“我的订单”复制订单号并在此兑换。每个订单仅可兑换一次；预购卡有效期一年，不予退款。");
    public string Redeem => In("Recharge", "兑换");
    public string Redeemed(string amount) => In($"{amount} has been added to your prepaid cards.", $"已增加预购卡 {amount}。");
    public string FindOrder => In("Look the order up", "查询订单");
    public string OrderFound(string amount, string when) => In($"Order of {when}: prepaid cards for {amount}. They are valid for a year from now, and first repay arrears.", $"{when} 的订单：预购卡 {amount}。自兑换起一年内有效，并优先偿还欠费。");
    public string NoVouchers => In("No vouchers. Guance issues them.", "暂无代金券。代金券由观测云发放。");
    public string NoCards => In("No prepaid cards yet.", "暂无预购卡。");
    public string OnlyActive => In("Only what can still pay", "仅显示有效的");
    public string DeductionOrder => In("What expires first pays first: ordinary vouchers, full-reduction vouchers, prepaid cards, then cash or the cloud account. SMS and synthetic tests cannot use vouchers.", "先到期的先使用：普通代金券、满减代金券、预购卡，然后是现金或云账号。短信与可用性监测不可使用代金券。");

    public string Company => In("Company", "公司");
    public string Email => In("E-mail", "邮箱");
    public string Phone => In("Phone", "手机");
    public string ChangePassword => In("Change the password", "修改密码");
    public string ChangePasswordMeans => In("It is the password of the Billing Center; those of your sites stay as they are. Everybody who is signed in to this account is signed out.", "此密码用于登录费用中心，各站点的登录密码不受影响。修改后，该账号的所有登录都将失效。");
    public string CurrentPassword => In("Current password", "当前密码");
    public string NewPassword => In("New password", "新密码");
    public string NotGiven => In("not given", "未填写");
    public string BillingAccountId => In("Billing account ID", "费用中心账号 ID");
    public string SitesOfAccount => In("Sites with workspaces", "有工作空间的站点");
    public string NoSites => In("none yet", "暂无");
    public string ArbitrarySettlement => In("Arbitrary settlement method selection", "结算方式任意选择");
    public string Allowed => In("allowed", "已开启");
    public string NotAllowed => In("not allowed; ask Guance for it", "未开启，如需请联系观测云");

    public string PayerName(string payer) => payer.Split('/', 2) switch
    {
        ["billing-center"] => In("Billing Center", "费用中心"),
        ["huawei-cloud", var instance] => In($"Huawei Cloud · {instance}", $"华为云 · {instance}"),
        [var provider, var instance] => $"{provider} · {instance}",
        _ => payer,
    };

    public string SubscriptionState(CloudSubscriptionState state) => state switch
    {
        CloudSubscriptionState.Requested => In("Waiting for the order", "待确认订单"),
        CloudSubscriptionState.Active => In("Open", "运行中"),
        CloudSubscriptionState.Frozen => In("Frozen", "已冻结"),
        _ => In("Closed", "已关闭"),
    };

    public string ItemAndRetention(string item, int? retentionDays) => retentionDays is { } days ? $"{ItemName(item)} · {Days(days)}" : ItemName(item);

    public string Fact(HistoryFact fact) => fact.What switch
    {
        "bound" => In("Registered with this billing account", "绑定到该费用中心账号"),
        "method-changed" => In("Settlement method changed", "变更结算方式"),
        "locked" => In("Locked", "锁定"),
        "lock-lifted" => In("A reason to lock no longer holds", "锁定原因解除"),
        "unlocked" => In("Unlocked", "解锁"),
        "expired" => In("Buffer ended: expired", "缓冲期结束，已过期"),
        "dissolved" => In("Dissolved", "解散"),
        var other => other,
    };

    public string StateName(LockState state) => state switch
    {
        LockState.Normal => In("Normal", "正常"),
        LockState.Locked => In("Locked", "已锁定"),
        LockState.Expired => In("Expired", "已过期"),
        _ => In("Dissolved", "已解散"),
    };
}
