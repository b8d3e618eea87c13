namespace Guance.Billing.Web.BillingCenter;

/// <summary>What refusals of the Billing Center say in Chinese: by their codes, since a sentence may change.</summary>
internal static class CenterRefusals
{
    public static string? InChinese(BillingRefusal refusal, Reader reader) => refusal.Code switch
    {
        "change-limit-reached" => refusal.Details.GetValueOrDefault("nextChangeAt") is DateTimeOffset next
            ? $"每个工作空间的结算方式每个自然月只能变更一次。下次可变更时间：{reader.Time(next)}。"
            : "每个工作空间的结算方式每个自然月只能变更一次。",
        "workspace-unknown" => "该费用中心账号下没有此工作空间，请检查工作空间 ID。",
        "workspace-dissolved" => "该工作空间已解散，无法恢复。请新建工作空间。",
        "workspace-locked" => "该工作空间已锁定，无法变更结算方式。请先解锁。",
        "stale" => "在您查看之后，其他人已修改了该工作空间。请查看最新状态后再操作。",
        "cloud-subscription-open" => "该工作空间正由未关闭的云资源结算。请先在云商店关闭该资源。",
        "closing-under-way" => "该工作空间的云资源刚被关闭，正在锁定工作空间。请一分钟后重试。",
        "cloud-subscription-unknown" => "没有与此账号 ID 和商品实例 ID 匹配的有效资源。请从云控制台复制这两项，或先在云商店开通。",
        "cloud-subscription-not-ready" => "云商店尚未确认该订单，请几分钟后重试。",
        "cloud-subscription-closed" => "该云资源已关闭。请在云商店重新开通，并使用新的商品实例 ID。",
        "cloud-subscription-frozen" => "该云资源已冻结。请先在云商店结清欠款，恢复后再试。",
        "cloud-account-claimed" => "该云账号已归属其他费用中心账号。请登录那个账号，或使用其他云账号。",
        "cloud-account-unknown" => "该费用中心账号下没有此云账号，请检查账号 ID。",
        "cloud-account-id-required" => "请按云控制台“我的凭证”中的显示填写账号 ID：字母、数字、“-”和“_”。",
        "product-instance-id-required" => "该云账号尚未登记到此费用中心账号，请同时填写商品实例 ID。",
        "product-instance-id-invalid" => "请按云控制台的显示填写商品实例 ID：最多 64 个字母、数字、“-”和“_”。",
        "operator-lock-holds" => "该工作空间被管理员锁定，请联系客服解锁。",
        "account-in-arrears" => "该费用中心账号欠费。请先充值，充值后因欠费锁定的工作空间会自动解锁。",
        "closing-unknown" => "该资源尚未关闭。",
        "date-too-early" => "该日超过 400 天以前，站点不接受此前的用量，无需结算。",
        "day-not-over" => "该日尚未结束，请在当日结束后再结算。",
        "day-before-first" => "该日早于计费起始日，无需结算；此前的用量将作为调整计入之后的账单。",
        "reason-required" => "请填写原因（最多 500 个字符），将记入工作空间的历史。",
        "reason-too-long" => "原因最多 500 个字符。",
        "amount-invalid" => "请填写大于零的金额，最多两位小数。",
        "expires-at-invalid" => "有效期须晚于当前时间。",
        "idempotency-key-reused" => "该表单已提交过不同的内容，请关闭后重新打开。",
        "price-book-invalid" => $"价格表未通过检查，请修正后重新上传。{refusal.Message}",
        "price-removed" => $"不得移除已有的价格，否则相应用量将无法计费。请补回后重试。{refusal.Message}",
        "price-changes-closed-day" => $"已结算日期的价格不可修改。请改为新增一行并填写较晚的生效日期。{refusal.Message}",
        "price-book-moved-on" => "在您预览之后，价格表已发布了新版本。请查看最新差异后再发布。",
        "days-invalid" => "起始日期不得晚于截止日期，且一次最多 62 天。",
        "market-bill-invalid" => $"未导入任何内容，请修正文件后重试。{refusal.Message}",
        "cloud-charges-unknown" => "该资源没有任何费用。",
        "usage-push-unknown" => "没有此编号的推送记录。",
        "usage-push-unanswered" => "云商店尚未应答该记录，系统会持续重发，也可立即推送。",
        "usage-push-rejected" => "该记录已被拒绝，其金额会重新推送，无法改回。",
        "reason-invalid" => "请填写依据（1 至 500 个字符），例如文件名与行号。",
        "charge-unknown" => "该费用中心账号下没有此费用。",
        "month-invalid" => "请填写账期，例如 2026-11。",
        "bill-not-ready" => refusal.Details.GetValueOrDefault("readyAt") is DateTimeOffset ready
            ? $"该账期的账单自 {reader.Time(ready)} 起可查看。此前可下载消费明细。"
            : "该账期的账单仍在生成中，请稍后再试。",
        "order-number-invalid" => "请按云控制台“我的订单”中的显示填写订单号：字母、数字、“-”和“_”。",
        "order-unknown" => "该云账号没有此编号的已付款预购卡订单。请检查账号 ID，并从“我的订单”复制订单号。",
        "order-already-redeemed" => "该订单的预购卡已兑换，每个订单仅可兑换一次。请在预购卡列表中查看。",
        "face-value-invalid" => "预购卡面值须为 100 的整数倍。请携订单号联系客服。",
        "currency-not-accounted" => "订单币种与本费用中心的币种不同。请携订单号联系客服。",
        "password-invalid" => "密码为 8-32 个字符，至少包含小写字母、大写字母、数字、其他字符中的三类。",
        "password-unchanged" => "新密码不能与当前密码相同。",
        "password-wrong" => "当前密码不正确。连续输错五次后，账号需等待 15 分钟。",
        "billing-account-unknown" => "没有此费用中心账号，请重新登录。",
        _ => null,
    };
}
