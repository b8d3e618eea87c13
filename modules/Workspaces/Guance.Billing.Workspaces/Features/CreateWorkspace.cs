using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Marten;
using MediatR;

namespace Guance.Billing.Workspaces.Features;

internal sealed class CreateWorkspaceHandler(IDocumentSession session) : ICommandHandler<CreateWorkspace>
{
    public async Task<Unit> Handle(CreateWorkspace request, CancellationToken cancellationToken)
    {
        var stream = await session.Events.FetchForWriting<Workspace>(request.WorkspaceId.Value, cancellationToken);
        var events = WorkspaceDecider.Create(stream.Aggregate, request);
        if (stream.Aggregate is null)
        {
            session.Events.StartStream<Workspace>(request.WorkspaceId.Value, events);
        }
        else
        {
            stream.AppendMany(events);
        }

        return Unit.Value;
    }
}
