namespace HuaweiCloud.Marketplace;

/// <summary>What the host does when the marketplace calls. Resolved from the request's scope, called for real calls only, after signature,
/// freshness and fields are checked.</summary>
/// <remarks>Every call may be repeated, late or out of order, and must be answered well under 5 seconds (protocol §4, §10.3): be idempotent
/// for ever and queue slow work. A throw is answered <see cref="MarketplaceResultCodes.InternalError"/>, so the marketplace calls again;
/// so is a call cancelled at <see cref="HuaweiMarketplaceOptions.AnswerTimeout"/>.</remarks>
public interface IMarketplaceSeller
{
    /// <summary>Create, or answer as before for a known <see cref="NewInstanceRequest.IdempotencyKey"/>.</summary>
    Task<NewInstanceResult> NewInstanceAsync(NewInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Tell about instances.</summary>
    Task<QueryInstanceResult> QueryInstanceAsync(QueryInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Set the expiry.</summary>
    Task<MarketplaceResult> RefreshInstanceAsync(RefreshInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Freeze or unfreeze.</summary>
    Task<MarketplaceResult> UpdateInstanceStatusAsync(UpdateInstanceStatusRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Delete.</summary>
    Task<MarketplaceResult> ReleaseInstanceAsync(ReleaseInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Upgrade or scale out.</summary>
    Task<MarketplaceResult> UpgradeInstanceAsync(UpgradeInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Say whether a change on renewal would be possible.</summary>
    Task<MarketplaceResult> ChangeInstanceCheckAsync(ChangeInstanceCheckRequest request, MarketplaceCall call, CancellationToken cancellationToken);

    /// <summary>Take note of an order. Optional in the protocol (§2.8), so doing nothing is a success.</summary>
    Task<MarketplaceResult> OrderNotifyAsync(OrderNotifyRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Task.FromResult(MarketplaceResult.Success);
}

/// <summary>The circumstances of a call.</summary>
/// <param name="ReceivedAt">When it arrived here.</param>
/// <param name="SignedAt">The time the marketplace signed; orders calls that overtook each other.</param>
/// <param name="Version">In which protocol it came.</param>
/// <param name="IsTest">A debugging call. Always false where a seller sees it.</param>
public sealed record MarketplaceCall(DateTimeOffset ReceivedAt, DateTimeOffset SignedAt, MarketplaceProtocolVersion Version, bool IsTest);

/// <summary>The two generations of the protocol (protocol §0.1).</summary>
public enum MarketplaceProtocolVersion
{
    /// <summary>GET with an <c>authToken</c>; deprecated, for old listings.</summary>
    V1,

    /// <summary>POST with JSON and a nested HMAC.</summary>
    V2,
}
