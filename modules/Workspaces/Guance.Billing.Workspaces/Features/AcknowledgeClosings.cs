using System.Globalization;
using System.Text;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Workspaces.Domain;
using Marten;
using MediatR;

namespace Guance.Billing.Workspaces.Features;

/// <summary>
/// Acknowledge closings whose locks this site has noted, and tell each owner by one mail which workspaces are locked (rules §5).
/// Acknowledged again, it changes nothing and mails nobody.
/// </summary>
/// <param name="Announced">The closings, as announced.</param>
internal sealed record AcknowledgeClosings(IReadOnlyList<AnnouncedClosing> Announced) : ICommand;

/// <summary>A closing, as the Billing Center announced it after the last of its locks.</summary>
/// <param name="ClosingId">The closing.</param>
/// <param name="Instance">The subscription that was closed.</param>
/// <param name="WorkspaceCount">How many workspaces of this site it concerns.</param>
internal sealed record AnnouncedClosing(string ClosingId, CloudInstanceKey Instance, int WorkspaceCount);

internal sealed class AcknowledgeClosingsHandler(
    IDocumentSession session, IQueries others, IMailbox mailbox, Deployment deployment, TimeProvider clock) : ICommandHandler<AcknowledgeClosings>
{
    /// <summary>As many as <see cref="GetConsoleUserContacts"/> takes.</summary>
    private const int OwnersPerAskMax = 1000;

    public async Task<Unit> Handle(AcknowledgeClosings request, CancellationToken cancellationToken)
    {
        var announced = request.Announced.DistinctBy(closing => closing.ClosingId, StringComparer.Ordinal).ToArray();
        var acknowledged = (await session.LoadManyAsync<Closing>(cancellationToken, announced.Select(closing => closing.ClosingId)))
            .Select(closing => closing.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var closing in announced.Where(closing => !acknowledged.Contains(closing.ClosingId)))
        {
            session.Events.StartStream<Closing>(closing.ClosingId, new ClosingApplied(closing.ClosingId, closing.WorkspaceCount, clock.GetUtcNow()));
            await TellOwnersAsync(closing, cancellationToken);
        }

        return Unit.Value;
    }

    private async Task TellOwnersAsync(AnnouncedClosing closing, CancellationToken ct)
    {
        var locked = await session.Query<Workspace>()
            .Where(workspace => workspace.ClosingId == closing.ClosingId && workspace.DissolvedAt == null && workspace.CreatedAt != null)
            .ToListAsync(ct);
        foreach (var owners in locked.GroupBy(workspace => workspace.OwnerUserId!, StringComparer.Ordinal).Chunk(OwnersPerAskMax))
        {
            var contacts = (await others.Ask(new GetConsoleUserContacts([.. owners.Select(owner => owner.Key)]), ct))
                .ToDictionary(contact => contact.UserId, StringComparer.Ordinal);
            // An owner whose console account is gone cannot be reached; the closing goes on.
            await mailbox.QueueAsync(
                [.. owners.Where(owner => contacts.ContainsKey(owner.Key)).Select(owner => ClosingMail.To(contacts[owner.Key], closing, [.. owner], deployment))], ct);
        }
    }
}

/// <summary>What an owner reads when a closing has locked their workspaces: in the workspaces' languages.</summary>
internal static class ClosingMail
{
    /// <summary>More are not listed one by one; the console shows them all.</summary>
    private const int ListedMax = 100;

    public static Mail To(ConsoleUserContact owner, AnnouncedClosing closing, IReadOnlyList<Workspace> locked, Deployment deployment)
    {
        var texts = locked.Select(workspace => workspace.Language == "zh").Distinct().OrderDescending()
            .Select(chinese => chinese ? Chinese(owner, closing, locked, deployment) : English(owner, closing, locked, deployment)).ToArray();
        return new Mail(
            Ids.DeterministicGuid("workspaces.closing", deployment.Name, closing.ClosingId, owner.UserId),
            owner.Email,
            string.Join(" / ", texts.Select(text => text.Subject)),
            string.Join("\n\n----\n\n", texts.Select(text => text.Text)));
    }

    private static (string Subject, string Text) English(
        ConsoleUserContact owner, AnnouncedClosing closing, IReadOnlyList<Workspace> locked, Deployment deployment) => (
        $"Locked: {locked.Count} of your workspaces",
        $"""
        Hello {owner.Username},

        the subscription {closing.Instance.InstanceId} was closed at the cloud market ({closing.Instance.Provider}). The workspaces that it paid for have lost the link and are locked:

        {List(locked, deployment, (since, until) => $"locked since {since}, data is kept until {until}", rest => $"and {rest} more")}
        Until then history can be viewed and data still comes in, billed to the billing account. Afterwards ingestion stops and the data is wiped.

        To unlock: sign in at {deployment.PublicUrl}, open the workspace and choose Unlock; or sign in to the Billing Center at {deployment.BillingCenterUrl} and unlock it in Workspace Management. It is then settled by the Billing Center. A workspace that is no longer needed can be dissolved by its owner.
        """);

    private static (string Subject, string Text) Chinese(
        ConsoleUserContact owner, AnnouncedClosing closing, IReadOnlyList<Workspace> locked, Deployment deployment) => (
        $"您的 {locked.Count} 个工作空间已被锁定",
        $"""
        {owner.Username}，您好：

        云市场（{closing.Instance.Provider}）的订阅 {closing.Instance.InstanceId} 已关闭。由它结算的以下工作空间已解除绑定并被锁定：

        {List(locked, deployment, (since, until) => $"锁定时间 {since}，数据保留至 {until}", rest => $"以及另外 {rest} 个")}
        在此之前，可以查看历史数据，数据仍会上报，费用计入费用中心账号。到期后停止数据上报，数据将被清除。

        解锁方法：登录 {deployment.PublicUrl}，打开该工作空间并选择“解锁”；或登录费用中心 {deployment.BillingCenterUrl}，在“工作空间管理”中解锁。解锁后由费用中心账号结算。不再需要的工作空间可由其拥有者解散。
        """);

    private static string List(
        IReadOnlyList<Workspace> locked, Deployment deployment, Func<string, string, string> times, Func<int, string> more)
    {
        var list = new StringBuilder();
        foreach (var workspace in locked.OrderBy(workspace => workspace.Name, StringComparer.Ordinal).ThenBy(workspace => workspace.Id, StringComparer.Ordinal).Take(ListedMax))
        {
            list.Append("- ").Append(workspace.Name).Append(" (").Append(workspace.Id).Append("): ")
                .Append(times(Local(workspace.LockedSince, deployment), Local(workspace.BufferEndsAt, deployment))).Append('\n');
        }

        if (locked.Count > ListedMax)
        {
            list.Append("- ").Append(more(locked.Count - ListedMax)).Append('\n');
        }

        return list.ToString();
    }

    private static string Local(DateTimeOffset? instant, Deployment deployment) => instant is { } at
        ? TimeZoneInfo.ConvertTime(at, deployment.TimeZone).ToString("yyyy-MM-dd HH:mm 'UTC'zzz", CultureInfo.InvariantCulture)
        : "";
}
