using FluentValidation;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>Fetch an order that the market or an operator named: if its newInstance was missed, the instance is made from the order.</summary>
/// <param name="OrderId">The market's order number.</param>
/// <param name="OrderLineId">Only this line of it; null for all.</param>
/// <param name="By">The operator who names it; null where the market does.</param>
internal sealed record PullOrder(string OrderId, string? OrderLineId, string? By = null) : ICommand, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct? Act => By is null ? null : new(By, "pull-order", OrderId, OrderLineId);
}

internal sealed class PullOrderValidator : AbstractValidator<PullOrder>
{
    public PullOrderValidator()
    {
        RuleFor(pull => pull.OrderId).Must(id => id is { Length: >= 1 and <= 64 }).WithErrorCode("order-id-invalid")
            .WithMessage("Give the market's order number, 1-64 characters.");
        RuleFor(pull => pull.OrderLineId).MaximumLength(64).WithErrorCode("order-line-id-invalid")
            .WithMessage("An order line's number has at most 64 characters.");
    }
}

internal sealed class PullOrderHandler(IDocumentSession session, UnitOfWork work, ITicks ticks, TimeProvider clock) : ICommandHandler<PullOrder>
{
    public Task<Unit> Handle(PullOrder request, CancellationToken cancellationToken)
    {
        session.Store(PendingOrder.Notified(request.OrderId, request.OrderLineId, clock.GetUtcNow()));
        work.AfterCommit(() => ticks.Poke(FetchOrdersJob.Id));
        return Unit.Task;
    }
}

internal static class PullOrderEndpoint
{
    internal sealed record Body(string OrderId, string? OrderLineId);

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/cloud-subscriptions/pull", async (Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
        {
            await mediator.Send(new PullOrder(body.OrderId, body.OrderLineId, callers.Current.By), ct);
            return TypedResults.Accepted((string?)null);
        })
        .ForOperatorsTo<PullOrder>().Idempotent().Refuses("order-id-invalid", "order-line-id-invalid")
        .WithTags("Operator").WithSummary("Fetch a marketplace order whose call was missed");
}
