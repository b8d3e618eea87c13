using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Registration.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

/// <summary>What a site offers for step 3.</summary>
/// <param name="Site">The site.</param>
/// <param name="HostCloud">The cloud that hosts it, where known.</param>
/// <param name="Preselected">The method that is chosen first.</param>
/// <param name="Items">The methods.</param>
internal sealed record ActivationMethodsView(SiteCode Site, string? HostCloud, SettlementMethod Preselected, IReadOnlyList<ActivationMethodView> Items);

/// <summary>A method and what it needs.</summary>
/// <param name="Method">The method.</param>
/// <param name="Fields">The fields that activation needs with it.</param>
/// <param name="MarketUrl">Where the product is bought first; null where nothing is to be bought.</param>
internal sealed record ActivationMethodView(SettlementMethod Method, IReadOnlyList<string> Fields, string? MarketUrl);

internal static class GetActivationMethodsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/activation-methods", (ActivationMethods methods, Deployment deployment) => TypedResults.Ok(new ActivationMethodsView(
            deployment.Site,
            methods.HostClouds.GetValueOrDefault(deployment.Site),
            methods.PreselectedAt(deployment.Site),
            [.. methods.OfferedAt(deployment.Site).Select(offered => new ActivationMethodView(
                offered.Method, offered.Method.IsCloud ? ["cloudAccountId"] : [], offered.MarketUrl))])))
        .ForAnyone()
        .WithSummary("Which activation methods this site offers, and what each needs");
}
