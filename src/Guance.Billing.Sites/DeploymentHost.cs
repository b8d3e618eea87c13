using Guance.Billing.Platform;
using Guance.Billing.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Guance.Billing.Sites;

/// <summary>Puts a deployment together: the plumbing, the edge, the site link and the modules that live in it.</summary>
public static class DeploymentHost
{
    /// <summary>
    /// Builds a deployment; the caller starts and stops it. It takes no setting but those given, so that several deployments can live in
    /// one process.
    /// </summary>
    /// <param name="settings">Its settings; <c>Urls</c> says where it listens.</param>
    /// <param name="environment"><c>Development</c> or <c>Production</c>.</param>
    /// <param name="modulesFor">The modules that live in a deployment of the role.</param>
    /// <param name="configureServices">What the surroundings add or share, such as the world's clock; comes before the plumbing.</param>
    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it.</exception>
    public static WebApplication Build(
        IConfiguration settings,
        string environment,
        Func<DeploymentRole, IReadOnlyList<IModule>> modulesFor,
        Action<IServiceCollection>? configureServices = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment, ApplicationName = "Guance.Billing" });
        builder.Configuration.AddConfiguration(settings);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.AddServerHeader = false)
            .UseUrls(settings["Urls"] ?? throw new InvalidOperationException("Urls is missing: where the deployment listens."));
        builder.Host.UseDefaultServiceProvider(provider => provider.ValidateScopes = builder.Environment.IsDevelopment());

        var deployment = Deployment.From(builder.Configuration, builder.Environment.IsDevelopment());
        var modules = modulesFor(deployment.Role);
        configureServices?.Invoke(builder.Services);
        builder.AddEdge(deployment, modules);
        builder.Services.AddPlatform(builder.Configuration, deployment, modules);
        builder.Services.AddSiteLink(builder.Configuration, deployment, modules);
        foreach (var module in modules)
        {
            module.AddServices(builder.Services, builder.Configuration, deployment);
        }

        var app = builder.Build();
        app.UseEdge();
        app.MapSiteLink();
        foreach (var module in modules)
        {
            module.MapEndpoints(app);
        }

        return app;
    }
}
