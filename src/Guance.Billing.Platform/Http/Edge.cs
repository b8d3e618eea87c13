using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Audit;
using Guance.Billing.Platform.Clock;
using Guance.Billing.Platform.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Guance.Billing.Platform.Http;

/// <summary>
/// The edge of every deployment, the same for all: who calls and what they may, errors as problems, remembered answers, limits,
/// health, metrics, the API reference. A host calls <see cref="AddEdge"/> beside <c>AddPlatform</c>, then <see cref="UseEdge"/> before it
/// maps its modules' endpoints.
/// </summary>
public static class Edge
{
    /// <summary>The largest body that an endpoint takes that does not say otherwise, in bytes.</summary>
    public const long BodyBytesMax = 1 << 20;

    /// <summary>Adds the edge's services.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing or wrong, or a secret of development is used outside it; the message names it.</exception>
    public static void AddEdge(this WebApplicationBuilder builder, Deployment deployment, IReadOnlyList<IModule> modules)
    {
        var services = builder.Services;
        DevelopmentSecrets.Refuse(builder.Configuration, deployment);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        });
        builder.AddTelemetry(deployment);
        services.AddRouting();
        services.AddExceptionHandler<Problems>();
        // As in development always: what cannot be bound is thrown, and so gets a body that says which field.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddAccess(builder.Configuration, deployment);
        services.AddRateLimiter(options => Guesses.Limit(options, builder.Configuration, deployment));
        services.AddAntiforgery();
        services.AddHealth();
        services.AddApiReference(deployment);
        services.TryAddSingleton<IClockMover, OwnClockMover>();
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
        });
    }

    /// <summary>
    /// Puts the edge in front of all endpoints, and maps its own. Set <c>Access__BehindProxy</c> where a load balancer passes requests on, and only there: its word
    /// on whom they come from is taken.
    /// </summary>
    public static void UseEdge(this WebApplication app)
    {
        var deployment = app.Services.GetRequiredService<Deployment>();
        if (app.Configuration.GetValue<bool>("Access:BehindProxy"))
        {
            app.UseForwardedHeaders();
        }

        app.UseRouting();
        app.UseMiddleware<SecurityHeaders>();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(status => Problem.Of(status.HttpContext.Response.StatusCode).WriteAsync(status.HttpContext));
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseMiddleware<AccessRules>();
        // Forms of pages carry a token that only a page of this deployment has.
        app.UseAntiforgery();
        app.UseMiddleware<IdempotencyKeys>();

        app.MapHealth();
        app.MapApiReference();
        ListOperatorActsEndpoint.Map(app);
        app.MapPrometheusScrapingEndpoint("/metrics").ForAnyone();
        if (deployment.Role is DeploymentRole.BillingCenter)
        {
            app.MapTokenServer();
        }

        if (deployment.IsDevelopment)
        {
            app.MapDevelopmentEndpoints();
        }
    }
}
