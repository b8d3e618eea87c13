namespace HuaweiCloud.Marketplace.Simulator.Pages;

/// <summary>The words of the pages, each in both languages side by side.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
internal sealed record MarketWords(string Code)
{
    public const string CookieName = "market_language";

    public string Title => In("Cloud Marketplace (simulator)", "云商店（模拟）");
    public string OtherLanguage => In("中文", "English");
    public string Products => In("Products", "商品");
    public string PurchasedServices => In("Purchased Services", "已购买的服务");
    public string MyOrders => In("My Orders", "我的订单");
    public string MyCredentials => In("My Credentials", "我的凭证");
    public string SellersPanel => In("Seller's panel", "卖家面板");
    public string SignedInAs(string name) => In($"Account: {name}", $"账号：{name}");
    public string ChooseAccount => In("Choose an account", "选择账号");
    public string Account => In("Account", "账号");
    public string NewAccount => In("New account", "新建账号");
    public string UseThis => In("Use this account", "使用该账号");
    public string Name => In("Name", "名称");
    public string Email => In("E-mail", "邮箱");
    public string AccountId => In("Account ID", "账号ID");
    public string ProductInstanceId => In("Product Instance ID", "商品实例ID");
    public string ActivateNow => In("Activate Now", "立即开通");
    public string BuyNow => In("Buy Now", "立即购买");
    public string Purchasing(string product) => In($"Purchasing {product}", $"购买 {product}");
    public string Agree => In("I have read and agree to the service agreement of this product and the marketplace's terms.", "我已阅读并同意该商品的服务协议和云商店条款。");
    public string AgreeFirst => In("Agree to the agreement first.", "请先同意协议。");
    public string Quantity => In("How many", "数量");
    public string Months => In("Months", "月数");
    public string Submitted => In("SaaS task submission successful", "SaaS任务提交成功");
    public string OrderSubmitted => In("Order paid", "订单已支付");
    public string SubmittedMeans => In("The service is being provided; that takes a moment. Its Product Instance ID and application information appear in Purchased Services.", "服务正在开通，请稍候。商品实例ID和应用信息将显示在“已购买的服务”中。");
    public string CardsMeans => In("Give this order number to the seller, together with your Account ID.", "请将此订单号和账号ID提供给卖家。");
    public string ReturnToMarket => In("Return to My Cloud Market", "返回我的云商店");
    public string NothingBought => In("Nothing has been bought with this account yet.", "该账号尚未购买任何服务。");
    public string Order => In("Order number", "订单号");
    public string Product => In("Product", "商品");
    public string Status => In("Status", "状态");
    public string Bought => In("Bought", "购买时间");
    public string Details => In("Details", "详情");
    public string More => In("More", "更多");
    public string CloseResource => In("Close Resource", "关闭资源");
    public string CloseTitle => In("Close this resource?", "确定关闭该资源？");
    public string CloseMeans => In("The service ends at once and cannot be opened again; buying again gives a new instance. What it settles at the seller loses its payer.", "服务将立即终止且无法恢复；重新购买会产生新的实例。由其结算的内容将失去付款方。");
    public string Cancel => In("Cancel", "取消");
    public string ApplicationInformation => In("Application Information", "应用信息");
    public string NotYet => In("The seller has not provided it yet.", "卖家尚未提供。");
    public string Copy => In("Copy", "复制");
    public string Copied => In("Copied", "已复制");
    public string Price => In("Price", "价格");
    public string PayPerUse => In("pay per use, billed by the day", "按需计费，按日结算");
    public string Calls => In("Calls", "调用记录");
    public string Usage => In("Pushed usage", "推送的用量");
    public string Instances => In("Instances", "实例");
    public string Faults => In("Faults", "故障注入");
    public string Clock => In("Clock", "时钟");
    public string Violations => In("Breaches of the protocol", "违反协议");
    public string NoViolations => In("None.", "无。");
    public string Activity => In("Activity", "接口");
    public string Attempt => In("Attempt", "次数");
    public string Sent => In("Sent", "发送时间");
    public string Signature => In("Signature", "签名校验");
    public string Outcome => In("Outcome", "结果");
    public string NextTry => In("Next try", "下次重试");
    public string RequestAndAnswer => In("Request and answer", "请求与响应");
    public string UnderWay => In("in progress at the seller", "卖家处理中");
    public string NoCalls => In("Nothing has been called yet.", "暂无调用。");
    public string NoUsage => In("No usage has been pushed yet.", "暂无推送的用量。");
    public string Amount => In("Amount", "用量");
    public string Window => In("Window", "时间窗");
    public string Received => In("Received", "接收时间");
    public string Verdict => In("Verdict", "判定");
    public string MonthlyFile => In("Monthly file", "月度账单文件");
    public string Buyer => In("Buyer", "买家");
    public string Actions => In("Actions", "操作");
    public string Freeze => In("Freeze", "冻结");
    public string Unfreeze => In("Unfreeze", "解冻");
    public string Renew => In("Renew", "续费");
    public string SendTestCalls => In("Send test calls", "发送测试调用");
    public string Working => In("Working …", "处理中……");
    public string Apply => In("Apply", "应用");
    public string Reset => In("End all faults", "清除全部故障");
    public string FaultsInForce => In("Something goes wrong on purpose now.", "当前有故障注入。");
    public string NoFaults => In("Nothing goes wrong on purpose.", "当前无故障注入。");
    public string Now => In("The market's time", "市场时间");
    public string MoveBy => In("Move the whole world's clock forward", "将整个环境的时钟前移");
    public string OneHour => In("1 hour", "1 小时");
    public string OneDay => In("1 day", "1 天");
    public string FourteenDays => In("14 days", "14 天");
    public string OtherSpan => In("Other (d.hh:mm:ss)", "其他（天.时:分:秒）");
    public string Move => In("Move", "前移");
    public string MoveMeans => In("Jobs that fall due run before it answers: that can take some seconds. Time cannot be moved back.", "到期的任务会先执行完，可能需要数秒。时间无法后退。");
    public string ClockIsFixed => In("This market follows the machine's clock; it cannot be moved here.", "该市场使用系统时钟，无法在此调整。");
    public string Moving(TimeSpan by, TimeSpan since) => In($"The clock moves by {by:c}. What falls due runs, for {since.TotalSeconds:0} s so far; you may leave this page.", $"时钟正在前移 {by:c}，到期的任务正在执行，已 {since.TotalSeconds:0} 秒；可离开此页面。");
    public string Moved(TimeSpan by) => In($"The clock was moved by {by:c}, and what fell due is done.", $"时钟已前移 {by:c}，到期的任务已执行完。");
    public string MoveFailed(TimeSpan by) => In($"The clock was to move by {by:c}, but something that fell due failed: see the log of the deployments. It runs again when it is next due.", $"时钟前移 {by:c} 时有到期任务失败：请查看各部署的日志。任务将在下次到期时重试。");
    public string SkipToContent => In("Skip to the content", "跳到正文");
    public string Menu => In("Menu", "菜单");
    public string NotThere => In("Not there", "不存在");
    public string NotThereMeans => In("There is nothing of the kind, or another account bought it. Look under Purchased Services, or choose the account that did.", "没有这项内容，或由其他账号购买。请在“已购买的服务”中查看，或切换到购买时的账号。");

    public string ProductName(Product product) => product.Name switch
    {
        "pay-per-use" => In("Guance SaaS Edition", "观测云 SaaS 版"),
        "prepaid-card" => In("Guance prepaid card", "观测云预购卡"),
        _ => In("Guance SaaS Edition, by the month", "观测云 SaaS 版（包月）"),
    };

    public string ProductMeans(Product product) => product.Name switch
    {
        "pay-per-use" => In("Observability as a service. What your workspaces use is settled by your cloud account, whatever site they are on.", "可观测性云服务。各站点工作空间的用量均由您的云账号结算。"),
        "prepaid-card" => In("Worth 100 each at the seller's Billing Center, for a year.", "每张在卖家费用中心抵 100，有效期一年。"),
        _ => In("A period product, renewed by you.", "包周期商品，由您续费。"),
    };

    public string ShortOf(string product) => product switch
    {
        "pay-per-use" => In("pay per use", "按需"),
        "prepaid-card" => In("prepaid card", "预购卡"),
        _ => In("by the month", "包月"),
    };

    public string FaultOf(string name) => name switch
    {
        "duplicate" => In("Calls sent twice, %", "重复发送的调用，%"),
        "reorder" => In("Calls delivered late, so that later ones overtake them, %", "延迟送达（乱序）的调用，%"),
        "reorderMaxMs" => In("The most that they are late, ms", "最大延迟，毫秒"),
        "loseAnswer" => In("Answers of the seller lost, %", "丢弃卖家响应，%"),
        "losePushAnswer" => In("Answers to usage pushes lost, %", "丢弃用量推送的响应，%"),
        "rejectRecords" => In("Usage records rejected, %", "拒绝用量记录，%"),
        "rejectCode" => In("With this verdict code", "拒绝代码"),
        "hideAbnormal" => In("Rejected records are not named in the answer", "响应中不列出被拒绝的记录"),
        "refuseInstance" => In("Pushes with this instance are refused whole", "包含该实例的推送整体被拒绝"),
        "down" => In("The market is down", "云商店停机"),
        "delayMs" => In("Delay of every call and answer, ms", "每次调用与响应的延迟，毫秒"),
        _ => In("Seed of the dice", "随机种子"),
    };

    /// <summary>What a refusal means for the reader; the API says the same in its own sentence.</summary>
    public string Problem(string code) => code switch
    {
        "customer-name-invalid" => In("Give a name of 1 to 64 characters.", "请填写 1 至 64 个字符的名称。"),
        "email-invalid" => In("Give an e-mail address such as buyer@example.com.", "请填写邮箱地址，例如 buyer@example.com。"),
        "quantity-invalid" => In("Choose from 1 to 1,000 cards.", "数量须为 1 至 1,000。"),
        "period-invalid" => In("Choose from 1 to 36 months.", "月数须为 1 至 36。"),
        "product-unknown" => NotThereMeans,
        "instance-not-found" => NotThereMeans,
        "instance-frozen" => In("It is frozen already.", "该实例已冻结。"),
        "instance-not-frozen" => In("It is not frozen.", "该实例未冻结。"),
        "instance-expired" => In("It is frozen because its period is over: renew it, and it is unfrozen.", "该实例因到期被冻结：续费后自动解冻。"),
        "instance-closed" => In("It is closed for ever; buy the product anew.", "该实例已关闭且无法恢复；请重新购买。"),
        "instance-being-created" => In("The seller has not provided it yet; try again when it runs.", "卖家尚未开通；请在其运行后重试。"),
        "not-a-period-product" => In("Only what was bought for a period can be renewed.", "只有包周期商品可以续费。"),
        "market-down" => In("The market is down on purpose: end that fault first.", "云商店当前处于停机故障：请先清除该故障。"),
        "fault-out-of-range" => In("Nothing was changed: shares are from 0 to 100 %, delays from 0 to 30,000 ms, verdict codes from 001 to 013.", "未作更改：比例为 0 至 100 %，延迟为 0 至 30,000 毫秒，判定代码为 001 至 013。"),
        "span-invalid" => In("Give a span such as 1.00:00:00, up to 400 days.", "请填写时长，例如 1.00:00:00，最长 400 天。"),
        "clock-fixed" => ClockIsFixed,
        "clock-moving" => In("The clock is being moved already; wait until what fell due is done.", "时钟正在前移；请等待到期任务执行完。"),
        "form-expired" => In("The form was too old, so nothing was done. Here it is anew: send it again.", "表单已过期，未执行任何操作。请重新提交。"),
        _ => In($"The market refused ({code}), and nothing was done.", $"云商店已拒绝（{code}），未执行任何操作。"),
    };

    public string StatusOf(string status) => status switch
    {
        "creating" => In("Creating", "创建中"),
        "running" => In("Running", "运行中"),
        "frozen" => In("Frozen", "已冻结"),
        "closed" => In("Closed", "已关闭"),
        _ => status,
    };

    public string OutcomeOf(string outcome) => outcome switch
    {
        "acknowledged" => In("acknowledged", "已确认"),
        "accepted" => In("accepted, in progress", "已受理，处理中"),
        "failed" => In("failed", "失败"),
        "answer-lost" => In("answer lost on purpose", "响应被丢弃"),
        _ => outcome,
    };

    public string VerdictOf(string verdict) => verdict switch { "pending" => In("pending", "待采集"), "collected" => In("collected", "已采集"), "rejected" => In("rejected", "已拒绝"), _ => verdict };

    public string SignatureOf(string? sign) => sign switch { "verified" => In("verified", "通过"), "wrong" => In("wrong", "错误"), "missing" => In("missing", "缺失"), _ => In("no answer", "无响应") };

    public static MarketWords Of(HttpRequest request) => new(
        request.Cookies[CookieName] is "zh" or "en" ? request.Cookies[CookieName]!
        : request.GetTypedHeaders().AcceptLanguage.OrderByDescending(language => language.Quality ?? 1).Select(language => language.Value.ToString().Split('-')[0])
            .FirstOrDefault(code => code is "zh" or "en") ?? "en");

    private string In(string english, string chinese) => Code == "zh" ? chinese : english;
}
