using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

internal sealed class GetActivationMethodsHandler(ActivationMethods methods, Deployment deployment) : IQueryHandler<GetActivationMethods, ActivationMethodsView>
{
    public Task<ActivationMethodsView> Handle(GetActivationMethods query, CancellationToken ct) => Task.FromResult(new ActivationMethodsView(
        deployment.Site,
        methods.HostClouds.GetValueOrDefault(deployment.Site),
        methods.PreselectedAt(deployment.Site),
        [.. methods.OfferedAt(deployment.Site).Select(offered => new ActivationMethodView(
            offered.Method, offered.Method.IsCloud ? ["cloudAccountId"] : [], offered.MarketUrl))]));
}

internal static class GetActivationMethodsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/activation-methods", async (IRequestHandler<GetActivationMethods, ActivationMethodsView> get, CancellationToken ct) =>
            TypedResults.Ok(await get.Handle(new(), ct)))
        .ForAnyone()
        .WithSummary("Which activation methods this site offers, and what each needs");
}
