using HuaweiCloud.Marketplace;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>How a host sells through the marketplace: <c>AddHuaweiMarketplace</c>, an <see cref="IMarketplaceSeller"/> of its own, and a
/// path per protocol version.</summary>
public static class HuaweiMarketplaceExtensions
{
    /// <summary>Adds the endpoints' services and <see cref="HuaweiMarketplaceClient"/>, configured from the section
    /// <see cref="HuaweiMarketplaceOptions.SectionName"/>. The host adds an <see cref="IMarketplaceSeller"/>, and an
    /// <see cref="INonceStore"/> when it has several nodes.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The host's whole configuration.</param>
    /// <returns>The client's HTTP pipeline, to add resilience to.</returns>
    /// <exception cref="OptionsValidationException">At start, when a setting is missing or wrong.</exception>
    public static IHttpClientBuilder AddHuaweiMarketplace(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<HuaweiMarketplaceOptions>().Bind(configuration.GetSection(HuaweiMarketplaceOptions.SectionName));
        return services.AddHuaweiMarketplace(_ => { });
    }

    /// <summary>As <see cref="AddHuaweiMarketplace(IServiceCollection, IConfiguration)"/>, configured by code.</summary>
    public static IHttpClientBuilder AddHuaweiMarketplace(this IServiceCollection services, Action<HuaweiMarketplaceOptions> configure)
    {
        services.AddOptions<HuaweiMarketplaceOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HuaweiMarketplaceOptions>, HuaweiMarketplaceOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<INonceStore>(provider => new InMemoryNonceStore(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<MarketplaceEndpoint>();
        return services
            .AddHttpClient<HuaweiMarketplaceClient>(http =>
            {
                http.Timeout = TimeSpan.FromSeconds(20);
                http.MaxResponseContentBufferSize = 4 * 1024 * 1024;
            })
            // A redirect would carry signed headers to somewhere they were not signed for.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
    }

    /// <summary>Answers the V2.0 protocol at a path, for every method, always with HTTP 200 (protocol §2). Anonymous for the host's own
    /// authorization: the signature is what authenticates.</summary>
    public static IEndpointConventionBuilder MapHuaweiMarketplaceV2(this IEndpointRouteBuilder endpoints, string pattern) =>
        endpoints.Map(pattern, context => context.RequestServices.GetRequiredService<MarketplaceEndpoint>().HandleV2Async(context))
            .AllowAnonymous().WithDisplayName("Huawei Cloud Marketplace V2.0");

    /// <summary>Answers the V1.0 protocol at a path while <see cref="HuaweiMarketplaceOptions.V1Options.Enabled"/>, otherwise 404
    /// (protocol §8).</summary>
    public static IEndpointConventionBuilder MapHuaweiMarketplaceV1(this IEndpointRouteBuilder endpoints, string pattern) =>
        endpoints.Map(pattern, context => context.RequestServices.GetRequiredService<MarketplaceEndpoint>().HandleV1Async(context))
            .AllowAnonymous().WithDisplayName("Huawei Cloud Marketplace V1.0");
}
