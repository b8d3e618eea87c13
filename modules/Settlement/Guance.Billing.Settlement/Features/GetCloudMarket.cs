using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Settlement.Features;

internal sealed class GetCloudMarketHandler(IConfiguration configuration) : IQueryHandler<GetCloudMarket, CloudMarket>
{
    public Task<CloudMarket> Handle(GetCloudMarket request, CancellationToken cancellationToken) =>
        Task.FromResult(new CloudMarket(request.Provider, CloudMarkets.ProductUrl(configuration, request.Provider)));
}

internal static class GetCloudMarketEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/cloud-markets/{provider}", async (CloudProvider provider, IRequestHandler<GetCloudMarket, CloudMarket> get, CancellationToken ct) =>
            TypedResults.Ok(await get.Handle(new(provider), ct)))
        .WithSummary("Where Guance can be bought on a cloud's market")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses();
}
