namespace Guance.Billing.Web.Site;

/// <summary>What refusals of a site say in Chinese, by their codes, since a sentence may change; and about which field of a form they are.</summary>
internal static class SiteRefusals
{
    public static string? InChinese(BillingRefusal refusal) => refusal.Code switch
    {
        "registration-not-found" => "没有此注册。请检查地址，或重新开始注册。",
        "username-invalid" or "billing-username-invalid" or "new-billing-username-invalid" => "用户名为 2-64 个字符，不能包含控制字符，首尾不能有空格。",
        "password-invalid" => "密码为 8-32 个字符，至少包含小写字母、大写字母、数字、其他字符中的三类。",
        "email-invalid" => "请输入邮箱地址，例如 name@example.com。",
        "phone-invalid" => "请输入带国家/地区代码的手机号，例如 +8613800138000，或留空。",
        "billing-account-invalid" => "请选择开通新的费用中心账号，或绑定已有账号。",
        "username-taken" => "该用户名已被费用中心账号使用。请换一个用户名；如果该账号属于您，请选择绑定已有账号。",
        "username-taken-at-site" => "该用户名已在本站点注册。请直接登录，或换一个用户名重新开始。",
        "email-taken-at-site" => "该邮箱已在本站点注册。请直接登录，或换一个邮箱重新开始。",
        "email-already-confirmed" => "邮箱已验证，请继续填写企业信息。",
        "code-invalid" => "验证码为 6 位数字。",
        "code-sent-recently" => refusal.Details.GetValueOrDefault("retryAfterSeconds") is int seconds ? $"验证码刚刚已发送，请 {seconds} 秒后再试。" : "验证码刚刚已发送，请稍后再试。",
        "company-name-invalid" => "请输入企业名称，最多 256 个字符。",
        "agreements-not-accepted" => "请阅读并同意协议后再注册。",
        "industry-invalid" or "region-invalid" or "contact-name-invalid" or "contact-phone-invalid" => "最多 128 个字符，不能包含控制字符。",
        "introduction-invalid" => "最多 2000 个字符，不能包含控制字符。",
        "contact-email-invalid" => "请输入邮箱地址，例如 name@example.com，或留空。",
        "step-not-reached" => "请先完成前面的步骤。",
        "company-already-provided" => "企业信息已提交，账号已创建，请继续选择开通方式。",
        "method-unknown" => "没有此开通方式，请从列表中选择。",
        "workspace-name-invalid" => "请输入工作空间名称，最多 256 个字符。",
        "workspace-language-invalid" => "请选择工作空间语言：中文或 English。",
        "cloud-account-id-invalid" => "账号ID 只包含字母和数字，华为云的账号ID 为 32 位。",
        "terms-not-accepted" => "请阅读并同意协议后再开通。",
        "billing-code-invalid" => "请按邮件内容输入验证码。",
        "activating" => "正在按之前的选择开通，请等待结果；如未成功，可修改后重试。",
        "already-activated" => "该注册已开通，请登录使用工作空间。",
        "cloud-account-id-missing" => "请输入开通商品所用的云账号的账号ID。",
        "cloud-account-id-unexpected" => "该开通方式不需要账号ID，请留空。",
        "billing-username-missing" => "请输入要绑定的费用中心账号的用户名，以及发送到其邮箱的验证码。",
        "billing-code-missing" => "请输入发送到费用中心账号邮箱的验证码；如未收到，请重新发送。",
        "billing-account-ambiguous" => "请选择绑定已有账号或开通新账号，不能同时选择。",
        "billing-center-unreachable" => "暂时无法连接费用中心，请几分钟后重试。",
        "billing-code-wrong" => "用户名与验证码不匹配。请检查后重试，或重新发送验证码。",
        "billing-code-expired" => "验证码已失效，请重新发送。",
        "method-not-offered" => "该站点不提供此开通方式，请选择其他方式。",
        "cloud-account-unknown" => "该账号ID 下没有已开通的商品。请检查账号ID，或先在云商店开通。",
        "cloud-account-claimed" => "该云账号已归属其他费用中心账号。请绑定那个费用中心账号，或使用其他云账号。",
        "account-in-arrears" => "该费用中心账号欠费，请先充值。",
        "workspace-bound" => "该工作空间已由其他注册开通，请重新注册。",
        "workspace-not-found" or "workspace-unknown" => "您没有此工作空间，请从“我的工作空间”进入。",
        "workspace-dissolved" => "该工作空间已解散，无法恢复。",
        "confirm-name-missing" or "confirmation-mismatch" => "解散无法撤销：请完整输入工作空间名称以确认。",
        "not-locked" => "该工作空间未锁定，无需解锁。",
        "limit-out-of-range" or "cursor-unknown" or "granularity-unknown" or "range-invalid" => "无法读取该页，请重新加载。",
        "too-many-requests" => "操作过于频繁，请一分钟后再试。",
        _ => null,
    };

    /// <summary>The field of the form that a refusal is about where it does not say so itself; null for the form as a whole.</summary>
    public static string? Field(string? code) => code switch
    {
        "username-taken-at-site" => "username",
        "email-taken-at-site" => "email",
        "billing-code-wrong" or "billing-code-expired" => "billingCode",
        "cloud-account-unknown" or "cloud-account-claimed" => "cloudAccountId",
        "method-not-offered" => "method",
        _ => null,
    };
}
