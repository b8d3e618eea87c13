using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;

namespace Guance.Billing.Settlement.Features;

/// <summary>Sites told that workspaces have expired or were dissolved. Again: nothing changes.</summary>
internal sealed record NoteSiteFacts(IReadOnlyList<SiteFact> Facts) : ICommand;

/// <summary>What a site told of one workspace.</summary>
/// <param name="WorkspaceId">The workspace.</param>
/// <param name="Site">The site that tells; only a workspace's own site is believed.</param>
/// <param name="At">When it happened.</param>
/// <param name="DissolvedBy">Who dissolved it; null when it has expired.</param>
internal sealed record SiteFact(WorkspaceId WorkspaceId, SiteCode Site, DateTimeOffset At, string? DissolvedBy);

internal sealed class NoteSiteFactsHandler(IDocumentSession session) : ICommandHandler<NoteSiteFacts>
{
    public async Task<Unit> Handle(NoteSiteFacts request, CancellationToken cancellationToken)
    {
        var ids = request.Facts.Select(fact => fact.WorkspaceId.Value).Distinct().ToArray();
        var workspaces = (await session.LoadManyAsync<WorkspaceSettlement>(cancellationToken, ids)).ToDictionary(workspace => workspace.Id, StringComparer.Ordinal);
        foreach (var facts in request.Facts.GroupBy(fact => fact.WorkspaceId.Value))
        {
            if (!workspaces.TryGetValue(facts.Key, out var read))
            {
                continue;
            }

            var state = read;
            var events = new List<object>();
            foreach (var fact in facts.Where(fact => fact.Site == read.Site))
            {
                var decided = fact.DissolvedBy is { } by
                    ? WorkspaceSettlementDecider.NoteDissolved(state, fact.At, by)
                    : WorkspaceSettlementDecider.NoteExpired(state, fact.At);
                events.AddRange(decided);
                state = WorkspaceSettlementDecider.After(state, decided);
            }

            session.AppendTo(read, events);
        }

        return Unit.Value;
    }
}
