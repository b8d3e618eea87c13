using System.Globalization;
using Guance.Billing.Platform.Mail;

namespace Guance.Billing.Settlement;

/// <summary>The mails of this module: Chinese and English below each other, since they go to accounts, not to a workspace.</summary>
internal static class Mails
{
    public static Mail AttachCode(RegistrationId registration, BillingAccountId account, DateTimeOffset requestedAt, string to, string code) => new(
        Ids.DeterministicGuid("settlement:attach-code", registration.Value, account.Value, requestedAt.UtcTicks.ToString(CultureInfo.InvariantCulture)),
        to,
        "费用中心账号绑定验证码 / Code to attach your Billing Center account",
        $"""
        您的验证码：{code}
        10 分钟内有效，仅用于把工作空间绑定到您的费用中心账号。如非本人操作，请忽略本邮件，不要把验证码告诉任何人。

        Your code: {code}
        It is valid for 10 minutes and attaches a new workspace to your Billing Center account. If you did not ask for it, ignore this mail and tell the code to nobody.
        """);

    public static Mail PasswordChanged(BillingAccountId account, DateTimeOffset at, string to) => new(
        Ids.DeterministicGuid("settlement:password-changed", account.Value, at.UtcTicks.ToString(CultureInfo.InvariantCulture)),
        to,
        "费用中心账号密码已修改 / The password of your Billing Center account was changed",
        $"""
        您的费用中心账号密码已于 {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)} 修改，所有登录已失效。如非贵方操作，请立即联系我们。

        The password of your Billing Center account was changed at {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}, and all its sessions have ended. If nobody of yours did this, contact us at once.
        """);

    public static Mail CloudAccountClaimed(CloudProvider provider, string accountId, string buyer, string username) => new(
        Ids.DeterministicGuid("settlement:cloud-account-claimed", provider.Value, accountId),
        buyer,
        "您的云账号已用于观测云结算 / Your cloud account now settles workspaces",
        $"""
        云账号 {accountId}（{provider}）已由费用中心账号“{username}”登记，用于结算其工作空间。如非贵方操作，请立即联系我们。

        The Billing Center account "{username}" has registered your cloud account {accountId} ({provider}) to settle its workspaces. If nobody of yours did this, contact us at once.
        """);

    /// <summary>What a closing means to one owner: one mail, however many workspaces.</summary>
    public static Mail Closed(
        string closingId, CloudInstanceKey instance, BillingAccountId owner, string to, int count, IReadOnlyList<string> firstNames, bool locked, DateTimeOffset closedAt, string url)
    {
        var names = string.Join("\n", firstNames.Select(name => $"- {name}")) + (count > firstNames.Count ? "\n- …" : "");
        var until = (closedAt + SharedKernel.LockBuffer.Length).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return locked
            ? new(
                Ids.DeterministicGuid("settlement:closed", closingId, owner.Value),
                to,
                $"{count} 个工作空间已锁定 / {count} workspaces locked: cloud subscription closed",
                $"""
                云市场订阅 {instance.InstanceId} 已关闭，由其结算的 {count} 个工作空间已解除云账号绑定并锁定：
                {names}
                在 {until} 之前可查看历史数据，数据仍会上报并由费用中心账号结算；此后停止上报并清除数据。
                请登录费用中心（{url}），在“工作空间管理”中解锁（改由费用中心账号结算），或重新订阅后绑定新的商品实例 ID。

                The cloud subscription {instance.InstanceId} was closed. The {count} workspaces that it settled have lost their cloud account and are locked:
                {names}
                Until {until} their history can be viewed and data still comes in, billed to your Billing Center account; after that ingestion stops and the data is wiped.
                Sign in to the Billing Center ({url}) and unlock them in Workspace Management (the Billing Center account settles them then), or subscribe again and bind the new product instance ID.
                """)
            : new(
                Ids.DeterministicGuid("settlement:closed", closingId, owner.Value),
                to,
                $"{count} 个工作空间改由费用中心账号结算 / {count} workspaces now settled by the Billing Center",
                $"""
                云市场订阅 {instance.InstanceId} 已关闭，以下 {count} 个工作空间改由费用中心账号结算，无需操作：
                {names}

                The cloud subscription {instance.InstanceId} was closed. Your Billing Center account now settles these {count} workspaces; nothing needs to be done:
                {names}
                """);
    }

    /// <summary>The bill of arrears: what is owed, and until when nothing happens.</summary>
    public static Mail ArrearsBegan(BillingAccountId account, DateTimeOffset since, Money owed, string to, string url) => new(
        ArrearsId("arrears-began", account, since),
        to,
        "账单欠费，请充值 / Your account is in arrears: please recharge",
        $"""
        您的费用中心账号余额不足以支付账单，欠费 {owed}。请在 {LocksAt(since)} 之前登录费用中心（{url}）充值，否则由该账号结算的工作空间将被锁定。

        Your Billing Center account cannot pay its bill: {owed} is owed. Please recharge at the Billing Center ({url}) before {LocksAt(since)}; otherwise the workspaces that the account settles will be locked.
        """);

    public static Mail ArrearsReminder(BillingAccountId account, DateTimeOffset since, Money owed, string to, string url) => new(
        ArrearsId("arrears-reminded", account, since),
        to,
        "欠费提醒：工作空间即将锁定 / Reminder: your workspaces will be locked",
        $"""
        您的费用中心账号仍欠费 {owed}。若在 {LocksAt(since)} 之前未充值（{url}），由该账号结算的工作空间将被锁定。

        Your Billing Center account still owes {owed}. Unless it is recharged ({url}) before {LocksAt(since)}, the workspaces that it settles will be locked.
        """);

    public static Mail ArrearsLocked(BillingAccountId account, DateTimeOffset since, Money owed, string to, string url) => new(
        ArrearsId("arrears-locked", account, since),
        to,
        "因欠费，工作空间已锁定 / Your workspaces are locked because of arrears",
        $"""
        您的费用中心账号欠费 {owed} 已满 14 天，由其结算的工作空间已锁定。14 天内可查看历史数据，数据仍会上报并计费；此后停止上报并清除数据。充值（{url}）后立即解锁。

        Your Billing Center account has owed for 14 days, now {owed}. The workspaces that it settles are locked. For 14 days their history can be viewed and data still comes in and is billed; after that ingestion stops and the data is wiped. Recharging ({url}) unlocks them at once.
        """);

    private static Guid ArrearsId(string kind, BillingAccountId account, DateTimeOffset since) =>
        Ids.DeterministicGuid($"settlement:{kind}", account.Value, since.UtcTicks.ToString(CultureInfo.InvariantCulture));

    private static string LocksAt(DateTimeOffset since) =>
        (since + Domain.ArrearsDecider.LockAfter).UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
