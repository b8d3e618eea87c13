using Guance.Billing.Platform.Mail;
using Guance.Billing.Registration.Domain;

namespace Guance.Billing.Registration.Features;

/// <summary>The mails of a registration. Before a language is chosen they speak Chinese and English.</summary>
internal static class RegistrationMails
{
    /// <param name="registration">The registration; the code works for it alone.</param>
    /// <param name="email">The address to be confirmed.</param>
    /// <param name="code">6 digits.</param>
    /// <param name="number">Which of the registration's codes it is; each is mailed once.</param>
    public static Mail Code(RegistrationId registration, string email, string code, int number) => new(
        Ids.DeterministicGuid("registration", registration.Value, "email-code", $"{number}"),
        email,
        $"{code} 是您的观测云注册验证码 / is your Guance registration code",
        $"""
        您的注册验证码是 {code}，10 分钟内有效。如非本人操作，请忽略此邮件。

        Your registration code is {code}. It is valid for 10 minutes. If you did not ask for it, ignore this mail.
        """);

    /// <param name="registration">The registration, activated.</param>
    /// <param name="activated">What it led to.</param>
    /// <param name="siteUrl">Where to sign in.</param>
    public static Mail Activated(CommercialRegistration registration, RegistrationActivated activated, string siteUrl)
    {
        var (workspace, paidBy) = (activated.Workspace, activated.CloudAccount?.ToString());
        var id = Ids.DeterministicGuid("registration", registration.Id, "activated");
        return workspace.Language == "zh"
            ? new(id, registration.Email, $"商业版工作空间“{workspace.Name}”已开通",
                $"""
                {registration.Username}，您好：

                工作空间“{workspace.Name}”（{workspace.WorkspaceId}）已开通商业版。
                结算方式：{(paidBy is null ? "费用中心账号" : $"云账号 {paidBy}")}，费用中心账号：{activated.BillingUsername}。
                登录：{siteUrl}
                """)
            : new(id, registration.Email, $"Your Commercial plan workspace \"{workspace.Name}\" is active",
                $"""
                Hello {registration.Username},

                the Commercial plan of your workspace "{workspace.Name}" ({workspace.WorkspaceId}) is active.
                It is settled by {(paidBy is null ? "the Billing Center account" : $"the cloud account {paidBy}")}; its Billing Center account is {activated.BillingUsername}.
                Sign in at {siteUrl}
                """);
    }
}
