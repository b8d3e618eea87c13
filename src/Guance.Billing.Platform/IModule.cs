using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform;

/// <summary>A bounded context. The one public type of a module's assembly implements it; the host lists them in its ModuleCatalog.</summary>
public interface IModule
{
    /// <summary>The module's name, such as <c>Settlement</c>; in lower case it is the prefix of its stored event names and its schema.</summary>
    string Name { get; }

    /// <summary>Where the module lives.</summary>
    DeploymentRole LivesIn { get; }

    /// <summary>Registers what the scan of handlers, policies and mappers does not find by itself.</summary>
    void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment);

    /// <summary>Names the module's events and registers its projections.</summary>
    void ConfigureMarten(StoreOptions options);

    /// <summary>Maps the module's endpoints.</summary>
    void MapEndpoints(IEndpointRouteBuilder endpoints);
}
