using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// Next step of a closing: takes the link from at most <see cref="Batches.Size"/> workspaces, or, when none is left, tells the
/// sites. Answers whether there is more to do. Each step stands by itself: cut off anywhere, the next run goes on.
/// </summary>
internal sealed record ContinueClosing(string ClosingId) : ICommand<bool>;

internal sealed class ContinueClosingHandler(UnitOfWork work, Batches batches, TimeProvider clock) : ICommandHandler<ContinueClosing, bool>
{
    public async Task<bool> Handle(ContinueClosing request, CancellationToken cancellationToken)
    {
        var session = work.BulkSession;
        var stream = await session.Events.FetchForWriting<Closing>(request.ClosingId, cancellationToken);
        if (stream.Aggregate is not { State: ClosingState.Started } closing)
        {
            return false;
        }

        // Any of them: to find the first ones, all that are left would be sorted for each batch.
        var batch = await session.QueryAsync<WorkspaceSettlement>($"where instance_key = ? limit {batches.Size}", cancellationToken, closing.Instance.ToString());
        foreach (var workspace in batch.OrderBy(workspace => workspace.Id, StringComparer.Ordinal))
        {
            session.AppendTo(workspace, WorkspaceSettlementDecider.LoseSubscription(workspace, closing.Instance, closing.Effect, closing.ClosedAt));
        }

        if (batch.Count > 0)
        {
            return true;
        }

        // In a transaction of its own, so it stands after the last workspace in the log and in each site's feed.
        stream.AppendMany(ClosingDecider.Announce(closing, clock.GetUtcNow()));
        return false;
    }
}
