using Guance.Billing.Platform;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Violations.Elsewhere;

/// <summary>A module outside the namespace of its name: that one holds no IModule.</summary>
public sealed class ShippingModule : IModule
{
    public string Name => "Shipping";

    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
    }

    public void ConfigureMarten(StoreOptions options)
    {
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }
}
