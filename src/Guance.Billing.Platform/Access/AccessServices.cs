using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
            .AddPolicyScheme(Schemes.TokenOrCookie, displayName: null, scheme => scheme.ForwardDefaultSelector = _ => Schemes.Cookie)
            .AddCookie(Schemes.Cookie, cookie => Configure(cookie, deployment));
    }

    private static void Configure(CookieAuthenticationOptions options, Deployment deployment)
    {
        // Cookies are not kept apart by port, and several deployments can share a host name.
        options.Cookie.Name = $"guance_{deployment.Name}";
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = deployment.PublicUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
        options.ExpireTimeSpan = SessionLifetime;
        options.SlidingExpiration = true;
        // Real time: moving the clock of the business signs nobody out.
        options.TimeProvider = TimeProvider.System;
    }
}
