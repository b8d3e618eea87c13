using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using OpenIddict.Validation.AspNetCore;

namespace Guance.Billing.Platform.Access;

internal static class AccessServices
{
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(12);

    public static void AddAccess(this IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton<ICallers, Callers>();
        services.AddSingleton<IUserSessions, UserSessions>();
        services.AddSingleton<IStartupFilter, EveryEndpointHasAnAccessRule>();
        services.AddAuthentication(Schemes.TokenOrCookie)
            .AddPolicyScheme(Schemes.TokenOrCookie, displayName: null, scheme => scheme.ForwardDefaultSelector = context =>
                context.Request.Headers.Authorization.Count > 0 ? OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme : Schemes.Cookie)
            .AddCookie(Schemes.Cookie, cookie => Configure(cookie, deployment));
        if (deployment.Role is DeploymentRole.BillingCenter)
        {
            services.AddTokenServer(configuration, deployment);
        }

        services.AddOpenIddict().AddValidation(validation =>
        {
            var issuer = new OpenIddictConfiguration { Issuer = new Uri(deployment.BillingCenterUrl) };
            issuer.SigningKeys.AddRange(TokenKeys.Issuer(configuration, deployment));
            validation.SetIssuer(issuer.Issuer);
            validation.SetConfiguration(issuer);
            validation.Configure(options => options.TimeProvider = TimeProvider.System);
            validation.UseAspNetCore();
        });
        services.Configure<OpenIddictCoreOptions>(options => options.TimeProvider = TimeProvider.System);
    }

    /// <summary>Cookies are not kept apart by port, and several deployments can share a host name: so each has a name of its own.</summary>
    public static string CookieName(Deployment deployment) => $"guance_{deployment.Name}";

    private static void Configure(CookieAuthenticationOptions options, Deployment deployment)
    {
        options.Cookie.Name = CookieName(deployment);
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = deployment.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        options.ExpireTimeSpan = SessionLifetime;
        options.SlidingExpiration = true;
        // Real time: moving the clock of the business signs nobody out.
        options.TimeProvider = TimeProvider.System;
        options.Events.OnValidatePrincipal = async session =>
        {
            if (!await SessionStamps.AreGoodAsync(session.HttpContext.RequestServices, session.Principal!, session.HttpContext.RequestAborted))
            {
                session.RejectPrincipal();
            }
        };
    }
}
