using Guance.Billing.Platform;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Settlement;

/// <summary>The module's front door; see the README beside it.</summary>
public sealed class SettlementModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Settlement";

    /// <inheritdoc/>
    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
    }

    /// <inheritdoc/>
    public void ConfigureMarten(StoreOptions options)
    {
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }
}
