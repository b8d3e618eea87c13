using Guance.Billing.Platform.Data;
using FluentValidation;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.Tables;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.CloudAccounts.Features;

internal sealed class MarkUsagePushValidator : AbstractValidator<MarkUsagePush>
{
    public MarkUsagePushValidator() => RuleFor(mark => mark.Reason).Must(reason => !string.IsNullOrWhiteSpace(reason) && reason.Length <= 500)
        .WithErrorCode("reason-invalid").WithMessage("Say in 1 to 500 characters where this was seen, such as the file's name and line.");
}

internal sealed class MarkUsagePushHandler(UnitOfWork work, ITicks ticks, TimeProvider clock) : ICommandHandler<MarkUsagePush, MarkedUsagePush>
{
    public async Task<MarkedUsagePush> Handle(MarkUsagePush request, CancellationToken cancellationToken)
    {
        await UsageCharges.LockAsync(work, [request.MeteringSn], cancellationToken);
        await using var find = work.Command("select state, further_number from cloud_accounts.usage_push where metering_sn = $1 for update", [request.MeteringSn]);
        if (await find.ReadAsync(row => (State: row.GetString(0), IsInDoubt: row.GetInt32(1) > 0), cancellationToken) is not [var known])
        {
            throw BillingRefusal.NotFound("usage-push-unknown", "There is no record with this serial number; GET /api/operator/usage-pushes lists them.");
        }

        var wanted = request.State is UsagePushState.Rejected ? "rejected" : "accepted";
        if (known.State == wanted)
        {
            return new(request.MeteringSn, request.State);
        }

        if (known.State == "unanswered" && !known.IsInDoubt)
        {
            throw BillingRefusal.Conflict("usage-push-unanswered",
                "The market has not answered this record; it is sent again until it does. POST /api/operator/usage-pushes/retry sends it now.");
        }

        if (known.State == "rejected")
        {
            throw BillingRefusal.Conflict("usage-push-rejected", "This record was refused and what it held goes out again, so it cannot be taken back.");
        }

        await ChangeAsync(request, wanted, cancellationToken);
        work.AfterCommit(() => ticks.Poke(PushUsageJob.Id));
        return new(request.MeteringSn, request.State);
    }

    private async Task ChangeAsync(MarkUsagePush request, string wanted, CancellationToken ct)
    {
        await using var change = work.Command(
            """
            with before as (select * from cloud_accounts.usage_push where metering_sn = $1),
            kept as (
                insert into cloud_accounts.usage_push_answer (metering_sn, sent_as, attempt, at, verdict, code, reason)
                select metering_sn, metering_sn, attempts, $4, $2, 'operator', $3 from before),
            marked as (
                update cloud_accounts.usage_push set state = $2, code = 'operator', reason = $3, answered_at = $4 where metering_sn = $1)
            update cloud_accounts.usage_charge c set
                accepted = c.accepted + case when $2 = 'accepted' then b.amount when b.state = 'accepted' then -b.amount else 0 end,
                unanswered = c.unanswered - case when b.state = 'unanswered' then b.amount else 0 end,
                rejected = c.rejected + case when $2 = 'rejected' then b.amount else 0 end,
                rejected_code = case when $2 = 'rejected' then 'operator' else c.rejected_code end,
                rejected_reason = case when $2 = 'rejected' then $3 else c.rejected_reason end,
                hold_until = null, hold_reason = null
            from before b where c.provider = b.provider and c.instance_id = b.instance_id
            """,
            [request.MeteringSn, wanted, request.Reason, clock.GetUtcNow()]);
        await change.ExecuteNonQueryAsync(ct);
    }
}

internal static class MarkUsagePushEndpoint
{
    internal sealed record Body(string? Reason);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, "mark-rejected", UsagePushState.Rejected, "Note that the market refused a record after all: its amount goes out again")
            .Refuses("reason-invalid", "usage-push-unknown", "usage-push-unanswered");
        Map(endpoints, "mark-accepted", UsagePushState.Accepted, "Note that the market took a record whose answer was lost")
            .Refuses("reason-invalid", "usage-push-unknown", "usage-push-unanswered", "usage-push-rejected");
    }

    private static RouteHandlerBuilder Map(IEndpointRouteBuilder endpoints, string what, UsagePushState state, string summary) => endpoints
        .MapPost($"/api/operator/usage-pushes/{{meteringSn}}/{what}", async (string meteringSn, Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(new MarkUsagePush(meteringSn, state, body.Reason ?? "", callers.Current.By), ct)))
        .ForOperatorsTo<MarkUsagePush>().Idempotent().WithTags("Operator").WithSummary(summary);
}
