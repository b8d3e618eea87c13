using Guance.Billing.Workspaces.Contracts;

namespace Guance.Billing.Web.Site;

/// <summary>The words of a site's pages in one language.</summary>
/// <param name="Code"><c>en</c> or <c>zh</c>.</param>
internal sealed record SiteWords(string Code) : Terms(Code)
{
    private static readonly SiteWords En = new("en");
    private static readonly SiteWords Zh = new("zh");

    public static SiteWords Of(string language) => language == "zh" ? Zh : En;

    public string Guance => In("Guance", "观测云");

    // Welcome, sign-in.
    public string WelcomeText => In("Observe your systems, pay for what you use. Register the Commercial plan here, or sign in to your workspaces.", "全面观测您的系统，按实际用量付费。在此注册商业版，或登录您的工作空间。");
    public string RegisterCommercialPlan => In("Register the Commercial plan", "注册商业版");
    public string NoAccountYet => In("No account yet? Register", "还没有账号？立即注册");

    // The wizard.
    public string StepsOfRegistration => In("Steps of the registration", "注册步骤");
    public string BasicInformation => In("Basic information", "基础信息");
    public string CompanyInformation => In("Company information", "企业信息");
    public string SelectActivationMethod => In("Select activation method", "选择开通方式");
    public string StepDone => In("done", "已完成");
    public string SelectSite => In("Select site", "选择站点");
    public string SiteHint => In("Accounts and data of different sites are separate and cannot be moved.", "各站点的账号和数据相互独立，且无法迁移。");
    public string UsernameHint => In("2 to 64 characters. It is the first username in the Billing Center, too.", "2-64 个字符，同时作为费用中心的初始用户名。");
    public string LoginPassword => In("Login password", "登录密码");
    public string ShowPassword => In("Show the password", "显示密码");
    public string HidePassword => In("Hide the password", "隐藏密码");
    public string Email => In("E-mail", "邮箱");
    public string EmailHint => In("We mail a code to it.", "验证码将发送到此邮箱。");
    public string Phone => In("Phone number (optional)", "手机号（选填）");
    public string PhoneHint => In("With the country code, such as +8613800138000.", "请带国家/地区代码，例如 +8613800138000。");
    public string HaveBillingAccount => In("I have a Billing Center account already and want to attach it in step 3", "我已有费用中心账号，在第三步绑定");
    public string Next => In("Next", "下一步");
    public string GoOn => In("Go on", "继续");
    public string StartAnew => In("Start anew", "重新开始");
    public string YouHaveStarted(string username) => In($"You have started a registration as {username}.", $"您已用用户名 {username} 开始注册。");
    public string SignedInAs(string username) => In($"You are signed in as {username}. To register another account, sign out first.", $"您已登录为 {username}。如需注册其他账号，请先退出登录。");
    public string ConfirmEmail => In("Confirm your e-mail", "验证邮箱");
    public string CodeMailed(string email) => In($"A code of 6 digits is on its way to {email}. It is valid for 10 minutes.", $"6 位验证码已发送至 {email}，10 分钟内有效。");
    public string VerificationCode => In("Verification code", "验证码");
    public string MailNewCode => In("Mail a new code", "重新发送验证码");
    public string NewCodeIn(int seconds) => In($"Mail a new code (in {seconds} s)", $"重新发送验证码（{seconds} 秒后）");
    public string NewCodeMailed => In("A new code is on its way. The one before does not work any more.", "新的验证码已发送，之前的验证码已失效。");
    public string OtherAddress => In("Wrong address? Start anew", "邮箱有误？重新开始");
    public string CodeWrong(int triesLeft) => In($"This is not the code that was mailed. Tries left: {triesLeft}.", $"验证码不正确，还可尝试 {triesLeft} 次。");
    public string CodeExpired => In("The code has expired after ten minutes. Have a new one mailed.", "验证码已过期（有效期 10 分钟），请重新发送。");
    public string CodeTriesUsedUp => In("Too many wrong tries: this code cannot be used any more. Have a new one mailed.", "错误次数过多，该验证码已失效，请重新发送。");
    public string CompanyName => In("Company name", "企业名称");
    public string AcceptAgreements => In("I have read and accept the user agreement and the privacy policy", "我已阅读并同意《用户服务协议》和《隐私政策》");
    public string MoreInformation => In("More Information", "更多信息");
    public string Industry => In("Industry (optional)", "行业（选填）");
    public string Region => In("Region (optional)", "地区（选填）");
    public string Introduction => In("Company introduction (optional)", "企业简介（选填）");
    public string ContactName => In("Contact name (optional)", "联系人（选填）");
    public string ContactEmail => In("Contact e-mail (optional)", "联系邮箱（选填）");
    public string ContactPhone => In("Contact phone (optional)", "联系电话（选填）");
    public string Register => In("Register", "注册");
    public string WorkspaceName => In("Workspace name", "工作空间名称");
    public string WorkspaceLanguage => In("Workspace language", "工作空间语言");
    public string WorkspaceLanguageHint => In("The language of events, alerts and messages. It cannot be changed later.", "用于事件、告警和短信等模板，开通后不可更改。");
    public string NeedsNothing => In("Needs nothing else.", "无需其他信息。");
    public string NeedsAccountId => In("Needs your Account ID.", "需要账号ID。");
    public string AccountId => In("Account ID", "账号ID");
    public string AccountIdHint => In("The ID of the Huawei Cloud account with which you bought the product.", "在云商店开通商品所用的华为云账号的 ID。");
    public string HelpTitle => In("How to activate on Huawei Cloud and find the Account ID", "如何在华为云开通并找到账号ID");
    public string HelpBuy => In("Activate the product on the market", "在云商店开通商品");
    public string HelpBuySteps => In("Open the product on the Huawei Cloud market and press Activate Now. Accept the agreement and press Activate Now again. It is charged by use: nothing is paid now.", "在华为云云商店打开商品页，点击“立即开通”，同意协议后再次点击“立即开通”。按需计费，开通时无需付款。");
    public string HelpOpenMarket => In("Go to Huawei Cloud to activate", "前往华为云开通");
    public string ActivateNow => In("Activate Now", "立即开通");
    public string HelpFind => In("Copy the Account ID", "复制账号ID");
    public string HelpFindSteps => In("In the Huawei Cloud console, open the menu of your user name at the top right and choose My Credentials. The Account ID stands there.", "在华为云控制台，点击右上角的用户名，选择“我的凭证”，即可看到账号ID。");
    public string MyCredentials => In("My Credentials", "我的凭证");
    public string ProductName => In("Guance SaaS Edition", "观测云 SaaS 版");
    public string BillingAccount => In("Billing Center account", "费用中心账号");
    public string OpenAccount => In("Open a new account", "开通新账号");
    public string OpenAccountHint => In("It starts with the password of step 1; afterwards the two passwords are independent.", "初始密码与第一步的登录密码相同，之后两者相互独立。");
    public string AttachAccount => In("Attach an account that I have", "绑定已有账号");
    public string AttachAccountHint => In("One account can pay for workspaces of many sites. A code is mailed to its address.", "一个账号可结算多个站点的工作空间。验证码将发送到该账号的邮箱。");
    public string BillingUsername => In("Username in the Billing Center", "费用中心用户名");
    public string MailCode => In("Mail the code", "发送验证码");
    public string MailCodeIn(int seconds) => In($"Mail the code (in {seconds} s)", $"发送验证码（{seconds} 秒后）");
    public string BillingCode => In("Code from the mail", "邮件中的验证码");
    public string BillingCodeMailed => In("If there is such an account, a code is on its way to its address. It is valid for 10 minutes.", "如该账号存在，验证码已发送到其邮箱，10 分钟内有效。");
    public string AcceptTerms => In("I have read and accept the Commercial plan agreement and the Billing Center agreement", "我已阅读并同意《商业版服务协议》和《费用中心服务协议》");
    public string Activate => In("Activate", "开通");
    public string Activating => In("Your workspace is being activated", "正在开通工作空间");
    public string ActivatingKept => In("Your choice is kept.", "您的选择已保存。");
    public string ActivatingAsked => In("The Billing Center opens or attaches the account and binds the workspace.", "费用中心正在开通或绑定账号，并绑定工作空间。");
    public string ActivatingCreated => In("The workspace is created, and a mail is sent to you.", "创建工作空间，并向您发送邮件。");
    public string ActivatingMayClose => In("You may close this page: it goes on by itself. Come back to this address, or sign in, to see how far it is.", "您可以关闭此页面，开通会自动继续。稍后可通过此地址或登录查看进度。");
    public string ActivatingTakesLong => In("The Billing Center has not answered yet. It is asked again every few seconds.", "费用中心暂未响应，系统每隔几秒会自动重试。");
    public string ActivationRefused => In("The activation was refused", "开通未成功");
    public string ActivationSuccessful => In("Activation successful", "开通成功");
    public string ActivatedText(string workspace) => In($"The Commercial plan of “{workspace}” is active.", $"工作空间“{workspace}”已开通商业版。");
    public string ActivatedAccount(string username) => In($"Its Billing Center account is {username}.", $"所属费用中心账号：{username}。");
    public string MyWorkspaces => In("My workspaces", "我的工作空间");
    public string BillingCenter => In("Billing Center", "费用中心");

    // Workspaces.
    public string Workspace => In("Workspace", "工作空间");
    public string State => In("State", "状态");
    public string SettlementMethod => In("Settlement method", "结算方式");
    public string NoWorkspaces => In("You have no workspace at this site yet. Once an activation is done, its workspace is here.", "您在该站点还没有工作空间。开通完成后，工作空间会显示在这里。");
    public string UnfinishedRegistration => In("Your registration waits for its last step.", "您的注册还差最后一步。");
    public string LeftOfBuffer(string span) => In($"{span} left of the buffer", $"缓冲期剩余 {span}");
    public string UnlockOrDissolve => In("Unlock or dissolve", "解锁或解散");
    public string Access => In("Access", "访问权限");
    public string DataIngestion => In("Data ingestion", "数据上报");
    public string DataViewing => In("Viewing data", "查看数据");
    public string Allowed => In("allowed", "允许");
    public string NotAllowed => In("stopped", "已停止");
    public string Until(string time) => In($"until {time}", $"至 {time}");
    public string Usage => In("Usage", "用量");
    public string Range => In("Range", "时间范围");
    public string Last24Hours => In("24 hours", "24 小时");
    public string Last7Days => In("7 days", "7 天");
    public string Last30Days => In("30 days", "30 天");
    public string InAll => In("in all", "合计");
    public string AtMost => In("at most", "峰值");
    public string AsTable => In("As a table", "以表格显示");
    public string Hour => In("Hour", "小时");
    public string Day => In("Day", "日期");
    public string Quantity => In("Quantity", "数量");
    public string Retention(int? days) => days is { } kept ? In($"Kept {kept} d", $"保存 {kept} 天") : Quantity;
    public string ChartText(string item, int bars) => In($"{item}: a chart of {bars} bars; the table below says the same.", $"{item}：共 {bars} 个柱的图表，下方表格内容相同。");
    public string NoUsage => In("Nothing was used in this time.", "该时间范围内没有用量。");
    public string HowToSend => In("Usage is sent by your metering agents: with an access token that has the scope usage.write, post events to", "用量由计量代理上报：使用带有 usage.write 权限的访问令牌，将事件提交到");
    public string ApiReference => In("API reference", "API 文档");

    // Lock.
    public string LockedTitle(string workspace) => In($"“{workspace}” is locked", $"“{workspace}”已锁定");
    public string ExpiredTitle(string workspace) => In($"“{workspace}” has expired", $"“{workspace}”已过期");
    public string NotLockedTitle(string workspace) => In($"“{workspace}” is not locked", $"“{workspace}”未锁定");
    public string DissolvedTitle(string workspace) => In($"“{workspace}” is dissolved", $"“{workspace}”已解散");
    public string Why => In("Why", "锁定原因");
    public string BufferRuns(string until) => In($"Data still comes in and can be viewed until {until}. Then the workspace is fully locked and its data is wiped.", $"{until} 之前数据仍可上报和查看。到期后工作空间将完全锁定，数据会被清除。");
    public string ExpiredText(string since) => In($"The buffer of 14 days ended on {since}: no data comes in, and what there was is wiped. The workspace can still be unlocked, empty.", $"14 天缓冲期已于 {since} 结束：数据已停止上报并被清除。仍可解锁，但工作空间将为空。");
    public string TimeLeft => In("Time left", "剩余时间");
    public string Days => In("days", "天");
    public string Hours => In("hours", "小时");
    public string Minutes => In("minutes", "分");
    public string Seconds => In("seconds", "秒");
    public string UnlockNow => In("Unlock Now", "立即解锁");
    public string UnlockMeans => In("Unlocking leads to the Billing Center, without signing in. Afterwards the Billing Center account pays for the workspace.", "解锁会跳转到费用中心，无需登录。解锁后由费用中心账号结算。");
    public string NotLockedText => In("There is nothing to unlock.", "无需解锁。");
    public string DissolvedText => In("It was ended for good. Register again for a new workspace.", "该工作空间已永久终止。如需新的工作空间，请重新注册。");
    public string GoToWorkspace => In("Go to the workspace", "进入工作空间");
    public string Dissolve => In("Dissolve", "解散");
    public string DissolveText => In("If you do not need the workspace any more, dissolve it: for ever.", "如不再需要该工作空间，可将其解散，解散后无法恢复。");
    public string DissolveQuestion(string workspace) => In($"Dissolve “{workspace}”?", $"解散“{workspace}”？");
    public string DissolveLoses => In("This cannot be undone. All data, dashboards, monitors and settings of the workspace are lost, and no data is taken any more. What was used until now is still billed.", "此操作不可撤销。该工作空间的所有数据、仪表板、监控器和设置都将丢失，并停止接收数据。此前的用量仍会计费。");
    public string TypeName(string workspace) => In($"Type the workspace's name to confirm: {workspace}", $"请输入工作空间名称以确认：{workspace}");

    public static string LanguageName(string code) => code == "zh" ? "中文" : "English";

    public string StateName(WorkspaceState state) => state switch
    {
        WorkspaceState.Normal => In("Normal", "正常"),
        WorkspaceState.Locked => In("Locked", "已锁定"),
        WorkspaceState.Expired => In("Expired", "已过期"),
        _ => In("Dissolved", "已解散"),
    };

    /// <summary>What a reason means and what to do about it.</summary>
    public string ReasonText(LockReason reason) => reason switch
    {
        LockReason.SubscriptionClosed => In("The product that paid for this workspace was closed on the cloud market. Unlock it to have the Billing Center account pay.", "为该工作空间付费的商品已在云商店关闭。解锁后将由费用中心账号结算。"),
        LockReason.SubscriptionFrozen => In("The product that pays for this workspace is frozen on the cloud market. Settle what is due there and the lock is lifted by itself; or unlock it to have the Billing Center account pay.", "为该工作空间付费的商品已在云商店冻结。在云商店结清欠款后会自动解锁；也可立即解锁，改由费用中心账号结算。"),
        LockReason.Arrears => In("The Billing Center account is in arrears. Recharge it in the Billing Center: the workspace is then unlocked by itself.", "费用中心账号欠费。请前往费用中心充值，充值后会自动解锁。"),
        _ => In("An operator has locked this workspace. Contact your account manager to have it unlocked.", "该工作空间被管理员锁定，请联系您的客户经理解锁。"),
    };

    public string MethodText(SettlementMethod method) => method.Value switch
    {
        "billing-center" => In("Daily bills are paid from vouchers, cards and cash of your Billing Center account.", "每日账单由费用中心账号的代金券、预购卡和现金支付。"),
        "huawei-cloud" => In("Daily bills go to your Huawei Cloud account, after vouchers and cards of the Billing Center. Activate the product on the market first.", "每日账单在抵扣费用中心的代金券和预购卡后，由华为云账号支付。需先在云商店开通商品。"),
        _ => In("Daily bills go to this cloud account.", "每日账单由该云账号支付。"),
    };

    /// <summary>An item as charts are titled: with its unit, where the name does not say it.</summary>
    public string ChartedItem(string item) => item switch
    {
        "rum-pv" => In("RUM PV", "用户访问 PV"),
        "data-forwarding-external" => In("Data forwarding, external (GB)", "数据转发·外部存储（GB）"),
        "data-forwarding-internal" => In("Data forwarding, internal (GB)", "数据转发·内部存储（GB）"),
        "sensitive-data-scan" => In("Sensitive data scan (GB)", "敏感数据扫描（GB）"),
        "central-pipeline" => In("Central Pipeline (GB)", "中心 Pipeline（GB）"),
        _ => ItemName(item),
    };
}
