using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.CloudAccounts.Features;

internal sealed class RetryUsagePushesHandler(UnitOfWork work, ITicks ticks, TimeProvider clock) : ICommandHandler<RetryUsagePushes, RetriedUsagePushes>
{
    public async Task<RetriedUsagePushes> Handle(RetryUsagePushes request, CancellationToken cancellationToken)
    {
        await using var known = work.Command("select exists (select from cloud_accounts.usage_charge where instance_id = $1)", [request.InstanceId ?? ""]);
        if (request.InstanceId is not null && await known.ExecuteScalarAsync(cancellationToken) is false)
        {
            throw BillingRefusal.NotFound("cloud-charges-unknown", "Nothing was ever charged to this instance; GET /api/operator/at-risk lists what is to be sent.");
        }

        await using var release = work.Command(
            "update cloud_accounts.usage_charge set hold_until = null where hold_until is not null and ($1::text is null or instance_id = $1)", [request.InstanceId]);
        await using var hurry = work.Command(
            "update cloud_accounts.usage_push set next_attempt_at = $2 where state = 'unanswered' and next_attempt_at > $2 and ($1::text is null or instance_id = $1)",
            [request.InstanceId, clock.GetUtcNow()]);
        var retried = new RetriedUsagePushes(await release.ExecuteNonQueryAsync(cancellationToken), await hurry.ExecuteNonQueryAsync(cancellationToken));
        work.AfterCommit(() => ticks.Poke(PushUsageJob.Id));
        return retried;
    }
}

internal static class RetryUsagePushesEndpoint
{
    internal sealed record Body(string? InstanceId);

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/usage-pushes/retry", async (Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Accepted((string?)null, await mediator.Send(new RetryUsagePushes(body.InstanceId, callers.Current.By), ct)))
        .ForOperatorsTo<RetryUsagePushes>().Idempotent().Refuses("cloud-charges-unknown")
        .WithTags("Operator").WithSummary("Send now what waits to be sent to the market again");
}
