using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Tables;
using Guance.Billing.Platform;
using HuaweiCloud.Marketplace;
using Marten;
using MediatR;
using Microsoft.Extensions.Configuration;
using Npgsql;
using OrderFacts = Guance.Billing.CloudAccounts.Domain.OrderFacts;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>What the Huawei Cloud Marketplace's calls mean here; signatures, freshness and fields are checked before (protocol §2, §3).</summary>
internal sealed class HuaweiSeller(
    IMediator mediator, IQuerySession session, NpgsqlDataSource dataSource, IConfiguration configuration, Deployment deployment, TimeProvider clock)
    : IMarketplaceSeller
{
    public async Task<NewInstanceResult> NewInstanceAsync(NewInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken)
    {
        var product = request.Facts is { Products: [var first, ..] } ? first : null;
        var buyer = request.Facts?.Buyer;
        var facts = buyer?.CustomerId is { Length: > 0 } accountId
            ? new OrderFacts(
                accountId,
                request.Facts!.ChargingMode ?? "",
                product?.ProductId,
                product?.SkuCode,
                request.Facts.ExpiresAt,
                request.Facts.CreatedAt ?? call.SignedAt)
            : null;
        var requested = await mediator.Send(
            new RequestSubscription(
                Huawei, request.OrderId, request.OrderLineId, product?.ProductId, request.BusinessId, call.SignedAt, facts, buyer?.CustomerName, buyer?.Email),
            cancellationToken);
        return requested.IsOpen
            ? NewInstanceResult.Created(requested.InstanceId, AppInfo())
            : NewInstanceResult.Accepted(requested.InstanceId);
    }

    public async Task<QueryInstanceResult> QueryInstanceAsync(QueryInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken)
    {
        var ids = request.InstanceIds.ToArray();
        var known = await session.Query<CloudSubscription>().Where(subscription => subscription.InstanceId.IsOneOf(ids) && subscription.ProviderCode == Huawei.Value)
            .ToListAsync(cancellationToken);
        if (known.Count == 0)
        {
            return QueryInstanceResult.Refused(MarketplaceResultCodes.InstanceNotFound, "No such instance.");
        }

        var ready = known.Where(subscription => subscription.State is not CloudSubscriptionState.Requested).ToArray();
        if (ready.Length == 0)
        {
            return QueryInstanceResult.Refused(MarketplaceResultCodes.Processing, "The order is being read; ask again in a moment.");
        }

        var accepted = await dataSource.AcceptedAsync(Huawei, ids, cancellationToken);
        return QueryInstanceResult.Found(
            [.. ready.Select(subscription => new InstanceInfo(subscription.InstanceId, AppInfo(), UsageOf(subscription, accepted.GetValueOrDefault(subscription.InstanceId))))]);
    }

    public Task<MarketplaceResult> RefreshInstanceAsync(RefreshInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        TakeAsync(request, call, cancellationToken);

    public Task<MarketplaceResult> UpdateInstanceStatusAsync(UpdateInstanceStatusRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        TakeAsync(request, call, cancellationToken);

    public Task<MarketplaceResult> ReleaseInstanceAsync(ReleaseInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        TakeAsync(request, call, cancellationToken);

    public Task<MarketplaceResult> UpgradeInstanceAsync(UpgradeInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        TakeAsync(request, call, cancellationToken);

    public async Task<MarketplaceResult> ChangeInstanceCheckAsync(ChangeInstanceCheckRequest request, MarketplaceCall call, CancellationToken cancellationToken)
    {
        var subscription = await session.Query<CloudSubscription>()
            .Where(subscription => subscription.InstanceId == request.InstanceId && subscription.ProviderCode == Huawei.Value)
            .FirstOrDefaultAsync(cancellationToken);
        return subscription?.State switch
        {
            null => NotFound,
            CloudSubscriptionState.Closed => new(MarketplaceResultCodes.InternalError, "The instance is closed; buy the product again."),
            // Usage is charged by amount and bounded by no plan, so every other plan fits.
            _ => MarketplaceResult.Success,
        };
    }

    public async Task<MarketplaceResult> OrderNotifyAsync(OrderNotifyRequest request, MarketplaceCall call, CancellationToken cancellationToken)
    {
        await mediator.Send(new PullOrder(request.OrderId, request.OrderLineId), cancellationToken);
        return MarketplaceResult.Success;
    }

    private static CloudProvider Huawei => CloudProvider.HuaweiCloud;

    private static MarketplaceResult NotFound { get; } = new(MarketplaceResultCodes.InstanceNotFound, "No such instance.");

    private async Task<MarketplaceResult> TakeAsync(MarketplaceRequest request, MarketplaceCall call, CancellationToken ct)
    {
        if (!await mediator.Send(new TakeMarketplaceCall(Huawei, request, call.SignedAt), ct))
        {
            return NotFound;
        }

        if (request is RefreshInstanceRequest && call.Version is MarketplaceProtocolVersion.V1)
        {
            // In the old protocol a renewal alone brings a frozen instance back (protocol §4.3).
            var unfreeze = new UpdateInstanceStatusRequest(((RefreshInstanceRequest)request).InstanceId, InstanceStatus.Unfreeze);
            await mediator.Send(new TakeMarketplaceCall(Huawei, unfreeze, call.SignedAt), ct);
        }

        return MarketplaceResult.Success;
    }

    /// <summary>What the buyer sees as Application Information: where to register and to sign in.</summary>
    private ApplicationInfo AppInfo() => new(
        configuration["HuaweiMarketplace:FrontEndUrl"] ?? deployment.PublicUrl,
        AdminUrl: deployment.PublicUrl,
        Memo: "Register a workspace with your Huawei Cloud account ID, or change one to Huawei Cloud Account Settlement in Workspace Management.");

    /// <summary>The protocol wants a cumulative total for pay-per-use (protocol §2.2): what the market has taken so far.</summary>
    private UsageInfo[]? UsageOf(CloudSubscription subscription, decimal accepted) =>
        subscription.ChargingMode is ChargingModes.OnDemand or ChargingModes.OnDemandPackage ? [new UsageInfo(accepted, clock.GetUtcNow())] : null;
}
