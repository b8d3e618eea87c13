using FluentValidation;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class OperateLocksValidator : AbstractValidator<OperateLocks>
{
    public OperateLocksValidator() =>
        RuleFor(c => c.Reason).Must(reason => reason.Trim().Length is > 0 and <= 500).WithErrorCode("reason-required").WithMessage("Say why, in at most 500 characters: it stays in the workspace's history.");
}

internal sealed class OperateLocksHandler(IDocumentSession session, CloudSubscriptions subscriptions, TimeProvider clock) : ICommandHandler<OperateLocks, WorkspaceChanged>
{
    public async Task<WorkspaceChanged> Handle(OperateLocks request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (stream, state) = await session.FetchWorkspaceAsync(request.WorkspaceId, null, cancellationToken);
        var (current, caughtUp) = request.Lock ? (state, []) : await subscriptions.CatchUpAsync(state, now, cancellationToken);
        var events = !request.Lock ? WorkspaceSettlementDecider.UnlockByOperator(current, request.By, request.Reason, now)
            : current.IsDissolved ? throw SettlementRefusals.WorkspaceDissolved()
            : WorkspaceSettlementDecider.Lock(current, LockReason.Operator, now, request.By, request.Reason);
        stream.AppendMany(caughtUp);
        stream.AppendMany(events);
        return WorkspaceSettlementDecider.After(current, events).ChangedTo(state.Version + caughtUp.Count + events.Count, now);
    }
}

internal static class OperateLocksEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/operator/workspaces/{id}/lock", (WorkspaceId id, Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
                SendAsync(id, body, true, callers, mediator, ct))
            .WithSummary("Lock a workspace as an operator").ForOperatorsTo<OperateLocks>().Idempotent().Refuses("workspace-unknown", "workspace-dissolved", "reason-required");
        endpoints.MapPost("/api/operator/workspaces/{id}/unlock", (WorkspaceId id, Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
                SendAsync(id, body, false, callers, mediator, ct))
            .WithSummary("Unlock a workspace as an operator, whatever holds").ForOperatorsTo<OperateLocks>().Idempotent().Refuses("workspace-unknown", "workspace-dissolved", "reason-required");
    }

    private static async Task<Ok<WorkspaceChanged>> SendAsync(WorkspaceId id, Body body, bool isLock, ICallers callers, IMediator mediator, CancellationToken ct) =>
        TypedResults.Ok(await mediator.Send(new OperateLocks(id, isLock, body.Reason ?? "", callers.Current.By), ct));

    internal sealed record Body(string? Reason);
}
