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
        while (await RunBatchAsync(ct) == BatchSize)
        {
        }
    }

    private async Task<int> RunBatchAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        IReadOnlyList<PendingOrder> due;
        await using (var session = store.QuerySession())
        {
            due = await session.Query<PendingOrder>().Where(order => order.NextAttemptAt <= now).OrderBy(order => order.NextAttemptAt).Take(BatchSize).ToListAsync(ct);
        }

        if (due.Count == 0)
        {
            return 0;
        }

        using var atOnce = new SemaphoreSlim(CallsAtOnceMax);
        var fetched = await Task.WhenAll(due.Select(async order =>
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
        await mediator.Send(new NoteOrders(fetched), ct);
        return due.Count;
    }

    private async Task<FetchedOrder> FetchAsync(PendingOrder pending, CancellationToken ct)
    {
        try
        {
            return new FetchedOrder(pending, await market.GetOrderAsync(pending.OrderId, pending.OrderLineId, ct), null, MayRetry: true);
        }
        catch (MarketplaceApiException refused)
        {
            return new FetchedOrder(pending, null, refused.Message, refused.MayRetry);
        }
        catch (HttpRequestException unreachable)
        {
            return new FetchedOrder(pending, null, $"The marketplace was not reached: {unreachable.Message}", MayRetry: true);
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return new FetchedOrder(pending, null, "The marketplace did not answer in time.", MayRetry: true);
        }
    }
}
