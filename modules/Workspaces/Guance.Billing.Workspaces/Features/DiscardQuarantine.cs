using FluentValidation;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

/// <summary>Settle for ever that quarantined events are not to be counted. They are kept, with the reason. Sent again, it changes nothing.</summary>
/// <param name="Code">Only those set aside for this.</param>
/// <param name="WorkspaceId">Only those of this workspace.</param>
/// <param name="After">Only those after this one.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who says so.</param>
internal sealed record DiscardQuarantine(string? Code, string? WorkspaceId, long After, string Reason, string By) : ICommand<QuarantineDiscarded>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "discard-quarantine", WorkspaceId ?? Code ?? "quarantine", Reason);
}

/// <summary>What was discarded.</summary>
/// <param name="Discarded">How many.</param>
/// <param name="NextCursor">Where to go on; null where none is left.</param>
internal sealed record QuarantineDiscarded(int Discarded, string? NextCursor);

internal sealed class DiscardQuarantineValidator : AbstractValidator<DiscardQuarantine>
{
    public DiscardQuarantineValidator()
    {
        RuleFor(command => command.Reason).NotEmpty().WithErrorCode("reason-missing").WithMessage("Say why these events are not to be counted, as reason.");
        RuleFor(command => command.Reason).MaximumLength(500).WithErrorCode("reason-too-long").WithMessage("The reason has at most 500 characters.");
        RuleFor(command => command.Code).Must((command, code) => code is not null || command.WorkspaceId is not null)
            .WithErrorCode("filter-missing").WithMessage("Name a code or a workspaceId: not everything is discarded at once.");
    }
}

internal sealed class DiscardQuarantineHandler(UsageQuarantine quarantine) : ICommandHandler<DiscardQuarantine, QuarantineDiscarded>
{
    public async Task<QuarantineDiscarded> Handle(DiscardQuarantine request, CancellationToken cancellationToken)
    {
        var waiting = await quarantine.WaitingAsync(request.Code, request.WorkspaceId, request.After, cancellationToken);
        if (waiting.Count == 0)
        {
            return new(0, null);
        }

        await quarantine.SettleAsync(
            [.. waiting.Select(e => e.Id)], [.. waiting.Select(_ => "discarded")], new string?[waiting.Count], request.By, request.Reason, cancellationToken);
        return new(waiting.Count, QuarantineCursor.Of(waiting[^1].Id));
    }
}

internal static class DiscardQuarantineEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/quarantine/discard", async (Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(
                new DiscardQuarantine(body.Code, body.WorkspaceId, QuarantineCursor.Read(body.Cursor), body.Reason ?? "", callers.Current.By), ct)))
        .ForOperatorsTo<DiscardQuarantine>()
        .Idempotent()
        .Refuses("cursor-unknown", "reason-missing", "reason-too-long", "filter-missing")
        .WithSummary("Settle that quarantined usage is not to be counted, up to 10,000 events; it is kept, with the reason");

    internal sealed record Body(string? Code, string? WorkspaceId, string? Reason, string? Cursor);
}
