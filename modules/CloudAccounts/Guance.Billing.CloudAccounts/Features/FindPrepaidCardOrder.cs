using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Http;
using Guance.Billing.Platform.Writing;
using HuaweiCloud.Marketplace;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.CloudAccounts.Features;

/// <summary>
/// Which product is a prepaid card says the setting <c>HuaweiMarketplace__PrepaidCardSku</c>. Its value is what was ordered, 100 a card, whatever
/// the buyer paid after a discount.
/// </summary>
internal sealed class FindPrepaidCardOrderHandler(HuaweiMarketplaceClient market, IConfiguration configuration, Deployment deployment)
    : IQueryHandler<FindPrepaidCardOrder, PrepaidCardOrder?>
{
    private const decimal CardValue = 100m;

    /// <summary>There is no such order, or it is not one of our products' (protocol §5.1).</summary>
    private const string NoSuchOrder = "MKT.0101";
    private const string NotOurs = "MKT.0150";

    public async Task<PrepaidCardOrder?> Handle(FindPrepaidCardOrder request, CancellationToken cancellationToken)
    {
        if (request.Provider != CloudProvider.HuaweiCloud || request.OrderNumber.Length is 0 or > 64 || configuration["HuaweiMarketplace:PrepaidCardSku"] is not { Length: > 0 } sku)
        {
            return null;
        }

        if (await AskAsync(request.OrderNumber, cancellationToken) is not { OrderType: MarketplaceOrderTypes.New } order || order.Buyer?.CustomerId != request.AccountId)
        {
            return null;
        }

        var cards = order.Lines.Where(line => line.ChargingMode == ChargingModes.OneTime)
            .SelectMany(line => line.Products).Where(product => product.SkuCode == sku).Sum(product => product.LinearValue ?? 0m);
        return cards >= 1 && decimal.IsInteger(cards)
            ? new PrepaidCardOrder(order.OrderId, request.AccountId, new Money(cards * CardValue, deployment.Currency), order.CreatedAt)
            : null;
    }

    private async Task<MarketplaceOrder?> AskAsync(string orderNumber, CancellationToken ct)
    {
        try
        {
            return await market.GetOrderAsync(orderNumber, orderLineId: null, ct);
        }
        catch (MarketplaceApiException refused) when (refused.Code is NoSuchOrder or NotOurs)
        {
            return null;
        }
        catch (MarketplaceApiException refused)
        {
            throw new MarketUnreachableException(refused.Message, refused);
        }
        catch (TaskCanceledException late) when (!ct.IsCancellationRequested)
        {
            throw new MarketUnreachableException("The marketplace did not answer in time.", late);
        }
    }
}

/// <summary>The marketplace gave no answer of use.</summary>
internal sealed class MarketUnreachableException(string message, Exception innerException) : Exception(message, innerException), IOutage;
