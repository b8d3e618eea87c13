using System.Text;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Workspaces.Features;

/// <summary>Take events out of quarantine that are fine by now, in the same way as if they came now. Sent again, it changes nothing.</summary>
/// <remarks>Refusals: <c>item-catalog-missing</c>.</remarks>
/// <param name="Code">Only those set aside for this.</param>
/// <param name="WorkspaceId">Only those of this workspace.</param>
/// <param name="After">Only those after this one.</param>
/// <param name="By">Who asks.</param>
internal sealed record RetryQuarantine(string? Code, string? WorkspaceId, long After, string By) : ICommand<QuarantineRetried>, IOperatorCommand
{
    /// <inheritdoc/>
    public OperatorAct Act => new(By, "retry-quarantine", WorkspaceId ?? Code ?? "quarantine");
}

/// <summary>What a retry did.</summary>
/// <param name="Accepted">How many were taken.</param>
/// <param name="Duplicates">How many had come again meanwhile and were accepted then.</param>
/// <param name="Waiting">How many wait on, for what is wrong with them now.</param>
/// <param name="NextCursor">Where to go on; null where none is left.</param>
internal sealed record QuarantineRetried(int Accepted, int Duplicates, int Waiting, string? NextCursor);

internal sealed class RetryQuarantineHandler(UsageIntake intake, UsageQuarantine quarantine) : ICommandHandler<RetryQuarantine, QuarantineRetried>
{
    public async Task<QuarantineRetried> Handle(RetryQuarantine request, CancellationToken cancellationToken)
    {
        var waiting = await quarantine.WaitingAsync(request.Code, request.WorkspaceId, request.After, cancellationToken);
        if (waiting.Count == 0)
        {
            return new(0, 0, 0, null);
        }

        using var batch = UsageBatch.Read(Encoding.UTF8.GetBytes(string.Join('\n', waiting.Select(e => e.Event))), isLines: true);
        var taken = await intake.TakeAsync(batch, cancellationToken);
        await quarantine.SettleAsync(
            [.. waiting.Select(e => e.Id)], [.. taken.Codes.Select(code => code is null ? "taken" : "waiting")], [.. taken.Codes], request.By, reason: null, cancellationToken);
        return new(taken.Accepted, taken.Duplicates, waiting.Count - taken.Accepted - taken.Duplicates, QuarantineCursor.Of(waiting[^1].Id));
    }
}

internal static class RetryQuarantineEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/quarantine/retry", async (Body? body, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(
                new RetryQuarantine(body?.Code, body?.WorkspaceId, QuarantineCursor.Read(body?.Cursor), callers.Current.By), ct)))
        .ForOperatorsTo<RetryQuarantine>()
        .Idempotent()
        .Refuses("cursor-unknown", "item-catalog-missing")
        .WithSummary("Take usage out of quarantine that is fine by now, up to 10,000 events; go on with nextCursor");

    internal sealed record Body(string? Code, string? WorkspaceId, string? Cursor);
}
