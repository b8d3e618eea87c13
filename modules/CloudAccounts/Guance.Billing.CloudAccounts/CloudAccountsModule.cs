using Guance.Billing.Platform;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.CloudAccounts;

/// <summary>The module's front door; see the README beside it.</summary>
public sealed class CloudAccountsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "CloudAccounts";

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
