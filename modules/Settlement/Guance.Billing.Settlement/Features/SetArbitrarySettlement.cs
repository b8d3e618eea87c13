using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class SetArbitrarySettlementHandler(IDocumentSession session, TimeProvider clock) : ICommandHandler<SetArbitrarySettlement, ArbitrarySettlement>
{
    public async Task<ArbitrarySettlement> Handle(SetArbitrarySettlement request, CancellationToken cancellationToken)
    {
        var stream = await session.Events.FetchForWriting<BillingAccount>(request.AccountId.Value, cancellationToken);
        var account = stream.Aggregate ?? throw SettlementRefusals.BillingAccountUnknown();
        stream.AppendMany(BillingAccountDecider.SetArbitrarySettlement(account, request.Allowed, request.By, clock.GetUtcNow()));
        return new(request.AccountId, request.Allowed);
    }
}

internal static class SetArbitrarySettlementEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/billing-accounts/{id}/arbitrary-settlement", async (BillingAccountId id, Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(new SetArbitrarySettlement(
                id, body.Allowed ?? throw BillingRefusal.InvalidField("allowed", "allowed-required", "Say whether it is allowed: true or false."), callers.Current.By), ct)))
        .WithSummary("Allow or withdraw arbitrary settlement selection")
        .ForOperatorsTo<SetArbitrarySettlement>()
        .Idempotent()
        .Refuses("allowed-required", "billing-account-unknown");

    internal sealed record Body(bool? Allowed);
}
