using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Marten;

namespace Guance.Billing.Settlement.Features;

/// <summary>The same request gives the same link; another request gives another one.</summary>
internal sealed class CreateUnlockLinkHandler(IDocumentSession session, SettlementDbContext tables, Secrets secrets, Deployment deployment, TimeProvider clock)
    : ICommandHandler<CreateUnlockLink, UnlockLink>
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public async Task<UnlockLink> Handle(CreateUnlockLink request, CancellationToken cancellationToken)
    {
        var workspace = await session.LoadAsync<WorkspaceSettlement>(request.WorkspaceId.Value, cancellationToken);
        if (workspace is null || workspace.Site != request.Site)
        {
            throw SettlementRefusals.WorkspaceUnknown();
        }

        if (workspace.IsDissolved)
        {
            throw SettlementRefusals.WorkspaceDissolved();
        }

        var token = await secrets.TokenAsync(["unlock", request.WorkspaceId.Value, request.RequestedBy, request.RequestedAt.UtcDateTime.ToString("O")], cancellationToken);
        var hash = await secrets.HashAsync(["unlock", token], cancellationToken);
        var link = await tables.UnlockLinks.FindAsync([hash], cancellationToken);
        if (link is null)
        {
            link = new()
            {
                TokenHash = hash, WorkspaceId = workspace.Id, RequestedBy = request.RequestedBy, ExpiresAt = clock.GetUtcNow() + Lifetime,
            };
            tables.UnlockLinks.Add(link);
        }

        return new($"{deployment.PublicUrl}/unlock/{token}", link.ExpiresAt);
    }
}
