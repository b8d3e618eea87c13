using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Jobs;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Settlement.Tables;
using Marten;
using MediatR;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// First step of a closing (rules §5): from now on nobody binds to the subscription, what it concerns is counted, its owners are
/// mailed. A closing that has begun is not begun again.
/// </summary>
internal sealed record StartClosings(IReadOnlyList<ClosedSubscription> Subscriptions) : ICommand;

internal sealed record ClosedSubscription(CloudInstanceKey Instance, string? CloudAccountId, DateTimeOffset ClosedAt);

internal sealed class StartClosingsHandler(
    IDocumentSession session,
    CloudSubscriptions subscriptions,
    SettlementDbContext tables,
    IMailbox mailbox,
    UnitOfWork work,
    ITicks ticks,
    Deployment deployment,
    TimeProvider clock) : ICommandHandler<StartClosings>
{
    public async Task<Unit> Handle(StartClosings request, CancellationToken cancellationToken)
    {
        // In one order whoever starts them, so that two do not wait for each other.
        foreach (var closed in request.Subscriptions.DistinctBy(closed => closed.Instance).OrderBy(closed => closed.Instance.ToString(), StringComparer.Ordinal))
        {
            await StartAsync(closed, cancellationToken);
        }

        work.AfterCommit(() => ticks.Poke(ClosingJob.Id));
        return Unit.Value;
    }

    private async Task StartAsync(ClosedSubscription closed, CancellationToken ct)
    {
        var key = Closing.Key(closed.Instance);
        var subscription = await subscriptions.GetAloneAsync(closed.Instance, ct);
        if (subscription is { State: not CloudSubscriptionState.Closed } || await session.LoadAsync<Closing>(key, ct) is not null)
        {
            return;
        }

        var effect = ProviderPolicy.Of(closed.Instance.Provider).OnCancelled;
        var concerned = await ConcernedWorkspaces.CountAsync(work.Connection, work.Transaction, closed.Instance, ct);
        session.Events.StartStream<Closing>(key, new ClosingStarted(
            closed.Instance,
            closed.CloudAccountId,
            closed.ClosedAt,
            effect,
            [.. concerned.GroupBy(group => group.Site).OrderBy(site => site.Key.Value, StringComparer.Ordinal).Select(site => new ConcernedSite(site.Key, site.Sum(group => group.Workspaces)))],
            [.. concerned.Select(group => group.Owner).Distinct()],
            clock.GetUtcNow()));
        await MailOwnersAsync(key, closed, effect, concerned, ct);
    }

    private async Task MailOwnersAsync(string key, ClosedSubscription closed, CancellationEffect effect, IReadOnlyList<ConcernedGroup> concerned, CancellationToken ct)
    {
        var owners = concerned.Select(group => group.Owner.Value).Distinct().ToArray();
        var addresses = await tables.AddressesAsync(owners, ct);
        await mailbox.QueueAsync(
            [.. concerned.GroupBy(group => group.Owner).Where(owner => addresses.ContainsKey(owner.Key.Value)).Select(owner => Mails.Closed(
                key, closed.Instance, owner.Key, addresses[owner.Key.Value],
                owner.Sum(group => group.Workspaces),
                [.. owner.SelectMany(group => group.FirstNames.Select(name => $"{name} ({group.Site})")).Take(ConcernedWorkspaces.NamesMax)],
                effect is CancellationEffect.UnlinkAndLock,
                closed.ClosedAt,
                deployment.PublicUrl))],
            ct);
    }
}
