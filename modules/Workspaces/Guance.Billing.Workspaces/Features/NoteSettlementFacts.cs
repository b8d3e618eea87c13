using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Workspaces.Domain;
using MediatR;

namespace Guance.Billing.Workspaces.Features;

/// <summary>Note what the Billing Center decided about workspaces, and cut their usage where the payer changes: a whole page of its feed at once. Noted again,
/// it changes nothing.</summary>
/// <param name="Facts">In the feed's order; several may be about one workspace.</param>
internal sealed record NoteSettlementFacts(IReadOnlyList<IWorkspaceSettlementFact> Facts) : ICommand;

internal sealed class NoteSettlementFactsHandler(UnitOfWork work, UsageCuts cuts) : ICommandHandler<NoteSettlementFacts>
{
    public async Task<Unit> Handle(NoteSettlementFacts request, CancellationToken cancellationToken)
    {
        var session = work.BulkSession;
        // One query for all and appends by expected version, instead of fetching each stream for writing: a closing can lock thousands.
        var told = request.Facts.ToLookup(fact => fact.WorkspaceId.Value, Note, StringComparer.Ordinal);
        var known = (await session.LoadManyAsync<Workspace>(cancellationToken, told.Select(facts => facts.Key)))
            .ToDictionary(workspace => workspace.Id, StringComparer.Ordinal);
        var cut = new List<UsageCut>();
        foreach (var facts in told)
        {
            var workspace = known.GetValueOrDefault(facts.Key);
            var news = WorkspaceDecider.Note(workspace, facts);
            if (news.Count == 0)
            {
                continue;
            }

            cut.AddRange(news.Select(note => new UsageCut(UsageTables.IdOf(facts.Key), CutOf((ISettlementNote)note))));
            if (workspace is null)
            {
                session.Events.StartStream<Workspace>(facts.Key, news);
            }
            else
            {
                session.Events.Append(facts.Key, workspace.Version + news.Count, news);
            }
        }

        await cuts.CutAsync(cut, cancellationToken);
        return Unit.Value;
    }

    /// <summary>When the payer changes by it, if it does; where it does not, the cut does no harm.</summary>
    internal static DateTime CutOf(ISettlementNote note) => note switch
    {
        BoundNoted e => e.At.UtcDateTime,
        MethodNoted e => e.At.UtcDateTime,
        LockedNoted e => e.LockedSince.UtcDateTime,
        LockLiftedNoted e => e.At.UtcDateTime,
        UnlockedNoted e => e.At.UtcDateTime,
        _ => throw new InvalidOperationException($"It is not known when {note.GetType().Name} changes the payer."),
    };

    /// <summary>A kind of fact that is not known here must hold back the feed: skipping it would make the replica wrong without a word.</summary>
    internal static ISettlementNote Note(IWorkspaceSettlementFact fact) => fact switch
    {
        WorkspaceBoundIntegrationEvent e => new BoundNoted(e.BillingAccountId, e.Method, e.CloudAccount, e.OccurredAt, e.SourceVersion),
        WorkspaceSettlementMethodChangedIntegrationEvent e => new MethodNoted(e.Method, e.CloudAccount, e.OccurredAt, e.SourceVersion),
        WorkspaceLockedIntegrationEvent e => new LockedNoted(e.Reason, e.OccurredAt, e.LockedSince, e.ClosingId, e.SourceVersion),
        WorkspaceLockLiftedIntegrationEvent e => new LockLiftedNoted(e.Reason, e.OccurredAt, e.SourceVersion),
        WorkspaceUnlockedIntegrationEvent e => new UnlockedNoted(e.OccurredAt, e.SourceVersion),
        _ => throw new InvalidOperationException($"A site does not know what {fact.GetType().Name} means for a workspace."),
    };
}
