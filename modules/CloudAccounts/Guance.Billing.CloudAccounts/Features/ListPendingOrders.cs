using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.Platform.Access;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>Orders that could not be fetched yet, and why: what an operator looks at when an instance stays requested.</summary>
internal static class ListPendingOrdersEndpoint
{
    private const int CountMax = 200;

    internal sealed record Item(string OrderId, string? OrderLineId, string? SubscriptionId, int Attempts, string? LastError, DateTimeOffset NextAttemptAt);

    internal sealed record Page(IReadOnlyList<Item> Items, string? NextCursor);

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/operator/cloud-subscriptions/pending-orders", async (IQuerySession session, CancellationToken ct) =>
        {
            var pending = await session.Query<PendingOrder>().OrderBy(order => order.NextAttemptAt).Take(CountMax).ToListAsync(ct);
            return TypedResults.Ok(new Page(
                [.. pending.Select(order => new Item(order.OrderId, order.OrderLineId, order.SubscriptionId, order.Attempts, order.LastError, order.NextAttemptAt))], null));
        })
        .ForClients(Scopes.Operator).WithTags("Operator").WithSummary("Marketplace orders that are still to be fetched, at most 200");
}
