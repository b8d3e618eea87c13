using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.Platform.Jobs;
using HuaweiCloud.Marketplace;
using Marten;
using MediatR;

namespace Guance.Billing.CloudAccounts.Jobs;

/// <summary>
/// Asks the market what was bought: for instances that it requested, for orders behind an expiry, and for orders whose call was
/// missed. What is learnt of a batch is noted by one command; an order that cannot be had now is tried again later.
/// </summary>
internal sealed class FetchOrdersJob(IDocumentStore store, HuaweiMarketplaceClient market, IMediator mediator, TimeProvider clock) : ITickJob
{
    public const string Id = "cloud-accounts:fetch-orders";
    private const int BatchSize = 50;
    private const int CallsAtOnceMax = 8;

    public async Task RunAsync(CancellationToken ct)
    {
        // Ends: what a batch took is done, or due later than this instant.
        var now = clock.GetUtcNow();
        while (await RunBatchAsync(now, ct))
        {
        }
    }

    /// <summary>Whether more may be due.</summary>
    private async Task<bool> RunBatchAsync(DateTimeOffset now, CancellationToken ct)
    {
        IReadOnlyList<PendingOrder> due;
        await using (var session = store.QuerySession())
        {
            due = await session.Query<PendingOrder>().Where(order => order.NextAttemptAt <= now).OrderBy(order => order.NextAttemptAt).Take(BatchSize).ToListAsync(ct);
        }

        if (due.Count == 0)
        {
            return false;
        }

        // A command appends to a stream once; what else is due for the same one comes in the next batch.
        var batch = due.DistinctBy(order => order.SubscriptionId ?? order.OrderId).ToArray();
        using var atOnce = new SemaphoreSlim(CallsAtOnceMax);
        var fetched = await Task.WhenAll(batch.Select(async order =>
        {
            await atOnce.WaitAsync(ct);
            try
            {
                return await FetchAsync(order, ct);
            }
            finally
            {
                atOnce.Release();
            }
        }));
        await NoteAsync(fetched, ct);
        return due.Count == BatchSize || batch.Length < due.Count;
    }

    private async Task<FetchedOrder> FetchAsync(PendingOrder pending, CancellationToken ct)
    {
        try
        {
            // The whole order: the old protocol names no line.
            return new FetchedOrder(pending, await market.GetOrderAsync(pending.OrderId, orderLineId: null, ct), null);
        }
        catch (HttpRequestException unreachable)
        {
            return new FetchedOrder(pending, null, $"The marketplace was not reached: {unreachable.Message}");
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return new FetchedOrder(pending, null, "The marketplace did not answer in time.");
        }
        catch (Exception failure) when (!ct.IsCancellationRequested)
        {
            return new FetchedOrder(pending, null, failure.Message);
        }
    }

    private async Task NoteAsync(FetchedOrder[] fetched, CancellationToken ct)
    {
        try
        {
            await mediator.Send(new NoteOrders(fetched), ct);
        }
        catch (Exception failure) when (!ct.IsCancellationRequested && Array.Exists(fetched, order => order.Order is not null))
        {
            // One of them cannot be stored; alone it holds up none of the others, and shows why.
            foreach (var order in fetched)
            {
                await NoteAsync([fetched.Length > 1 ? order : order with { Order = null, Error = failure.GetBaseException().Message }], ct);
            }
        }
    }
}
