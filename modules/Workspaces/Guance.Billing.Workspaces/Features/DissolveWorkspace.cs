using FluentValidation;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Workspaces.Contracts;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

internal sealed class DissolveWorkspaceValidator : AbstractValidator<DissolveWorkspace>
{
    public DissolveWorkspaceValidator() =>
        RuleFor(command => command.ConfirmName).NotEmpty().WithErrorCode("confirm-name-missing").WithMessage("Type the workspace's name as confirmName.");
}

internal sealed class DissolveWorkspaceHandler(IDocumentSession session, TimeProvider clock) : ICommandHandler<DissolveWorkspace>
{
    public async Task<Unit> Handle(DissolveWorkspace request, CancellationToken cancellationToken)
    {
        var stream = await session.Events.FetchForWriting<Workspace>(request.WorkspaceId.Value, cancellationToken);
        var workspace = stream.Aggregate.OwnedBy(request.OwnerUserId);
        stream.AppendMany(WorkspaceDecider.Dissolve(workspace, request.ConfirmName, request.By, clock.GetUtcNow()));
        return Unit.Value;
    }
}

internal static class DissolveWorkspaceEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/workspaces/{id}/dissolve", async (
            WorkspaceId id, Body body, ICallers callers, IMediator mediator, WorkspaceViews views, CancellationToken ct) =>
        {
            await mediator.Send(new DissolveWorkspace(id, callers.Current.Id, callers.Current.By, body.ConfirmName ?? ""), ct);
            return TypedResults.Ok(await views.OfAsync(id, callers.Current.Id, ct));
        })
        .ForConsoleUsers()
        .Idempotent()
        .Refuses("workspace-not-found", "confirm-name-missing", "confirmation-mismatch")
        .WithSummary("Dissolve an own workspace, for ever");

    internal sealed record Body(string? ConfirmName);
}
