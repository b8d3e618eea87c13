using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Domain;
using Marten;

namespace Guance.Billing.Workspaces.Features;

/// <summary>
/// Record the expiry of workspaces whose buffer has ended by now, those that wait longest first. Access does not wait for it; others
/// learn of it. Answers how many it did, at most <see cref="BatchSize"/>.
/// </summary>
internal sealed record ExpireWorkspaces : ICommand<int>
{
    public const int BatchSize = 500;
}

internal sealed class ExpireWorkspacesHandler(IDocumentSession session, TimeProvider clock) : ICommandHandler<ExpireWorkspaces, int>
{
    public async Task<int> Handle(ExpireWorkspaces request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await session.Query<Workspace>()
            .Where(workspace => workspace.ExpiresAt <= now)
            .OrderBy(workspace => workspace.ExpiresAt)
            .Take(ExpireWorkspaces.BatchSize)
            .ToListAsync(cancellationToken);
        foreach (var workspace in due)
        {
            var events = WorkspaceDecider.Expire(workspace, now);
            session.Events.Append(workspace.Id, workspace.Version + events.Count, events);
        }

        return due.Count;
    }
}
