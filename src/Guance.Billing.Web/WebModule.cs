using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Guance.Billing.Web.Pages;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;

namespace Guance.Billing.Web;

/// <summary>The Billing Center's pages. They send the queries and commands of modules' contracts and hold no rules.</summary>
public sealed class WebModule : IModule
{
    // MudBlazor and Blazor write style attributes; scripts come from here alone.
    private const string Policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    /// <inheritdoc/>
    public string Name => "Web";

    /// <inheritdoc/>
    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DetailedErrors = deployment.IsDevelopment);
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.AddScoped<Questions>();
    }

    /// <inheritdoc/>
    public void ConfigureMarten(StoreOptions options)
    {
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        Loaded.Map(endpoints);
        LanguageEndpoint.Map(endpoints);
        endpoints.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null)
            .ForAnyone()
            .WithMetadata(new ContentSecurityPolicy(Policy));
    }
}
