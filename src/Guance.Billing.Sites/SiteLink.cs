using System.Net.Sockets;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites.Asking;
using Guance.Billing.Sites.Feed;
using Guance.Billing.Sites.Http;
using Guance.Billing.Sites.Reading;
using Guance.Billing.Sites.Tables;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Polly;
using Polly.Retry;

namespace Guance.Billing.Sites;

/// <summary>
/// The link between a site and the Billing Center: the feed by which one tells the other, and the asks of a site. Settings:
/// <c>Deployment__BillingCenterUrl</c> (site), <c>Deployment__Sites__cn4__Url</c> (Billing Center), <c>Link__ClientId</c> (default
/// <c>site-cn4</c>, <c>billing-center</c>), <c>Link__ClientSecret</c>.
/// </summary>
public static class SiteLink
{
    /// <summary>Adds the link of a deployment with these modules. Needs the platform; what is registered before is not replaced.</summary>
    public static IServiceCollection AddSiteLink(
        this IServiceCollection services, IConfiguration configuration, Deployment deployment, IReadOnlyList<IModule> modules)
    {
        var peers = Peer.Of(deployment);
        services.AddSingleton(new Wire(modules));
        services.AddModuleDbContext<LinkDbContext>(LinkDbContext.Schema);

        services.AddSingleton<FeedSignal>();
        services.AddSingleton<FeedStore>();
        services.AddScoped(provider => new FeedOutlet(
            provider.GetRequiredService<UnitOfWork>(), provider.GetRequiredService<FeedSignal>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IConfigureMarten, ConfigureFeedWriter>();
        services.AddSingleton<Feeds>();
        services.TryAddSingleton<IFeeds>(provider => provider.GetRequiredService<Feeds>());
        services.AddHostedService<FeedMetrics>();
        services.AddTick<PruneFeedsJob>(PruneFeedsJob.Id, "0 30 3 * * *");

        services.AddSingleton<Contacts>();
        services.AddSingleton<FeedClient>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<FeedApplier>(provider, modules));
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<StartReading>(provider, peers));
        foreach (var peer in peers)
        {
            services.AddSingleton(ReadFeedJob.For(peer));
        }

        services.AddHttp();
        if (deployment.Role is DeploymentRole.Site)
        {
            services.TryAddSingleton<IBillingCenter, BillingCenter>();
        }

        return services;
    }

    /// <summary>Maps the feed, and what the operator sees; at the Billing Center the asks.</summary>
    public static IEndpointRouteBuilder MapSiteLink(this IEndpointRouteBuilder endpoints)
    {
        var deployment = endpoints.ServiceProvider.GetRequiredService<Deployment>();
        FeedEndpoint.Map(endpoints);
        OperatorEndpoints.Map(endpoints, deployment);
        if (deployment.Role is DeploymentRole.BillingCenter)
        {
            AskEndpoint.Map(endpoints);
        }

        return endpoints;
    }

    private static void AddHttp(this IServiceCollection services)
    {
        services.AddSingleton<LinkTokens>();
        services.AddTransient<LinkAuthorization>();
        // A request a second and more for each peer: logged by the caller where it fails, seen in traces and metrics otherwise.
        services.AddHttpClient(LinkTokens.HttpClientName, client => client.Timeout = BillingCenter.Patience).RemoveAllLoggers();
        services.AddHttpClient(FeedClient.HttpClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .AddHttpMessageHandler<LinkAuthorization>().RemoveAllLoggers();
        var ask = services.AddHttpClient(BillingCenter.HttpClientName, client => client.Timeout = BillingCenter.Patience).RemoveAllLoggers();
        ask.AddResilienceHandler(BillingCenter.HttpClientName, pipeline => pipeline
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 1,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Constant,
                // No answer at all; one that was refused a token would be refused again.
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>(failure => failure.StatusCode is null).Handle<SocketException>(),
            }));
        ask.AddHttpMessageHandler<LinkAuthorization>();
    }
}
