using System.Security.Claims;
using System.Security.Cryptography;
using Guance.Billing.Platform.Audit;
using Guance.Billing.Platform.Data;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace Guance.Billing.Platform.Access;

/// <summary>
/// OAuth 2.0 client credentials at the Billing Center (RFC 6749 §4.4). Access tokens are signed JWT that live an hour, so that every
/// deployment can check them by itself; errors are those of OAuth.
/// </summary>
internal static class TokenServer
{
    public const string Path = "/connect/token";

    public static readonly IReadOnlySet<string> AllScopes = new SortedSet<string>(StringComparer.Ordinal)
    {
        Scopes.UsageWrite, Scopes.AccessRead, Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator, Scopes.Link,
    };

    public static void AddTokenServer(this IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddModuleDbContext<AccessDbContext>(AccessDbContext.Schema);
        services.AddHostedService<Clients>();
        services.AddTransient<OperatorActs>();
        services.AddTransient<OperatorSignIn>();
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AccessDbContext>())
            .AddServer(server =>
            {
                server.SetIssuer(new Uri(deployment.BillingCenterUrl));
                server.SetTokenEndpointUris(Path);
                server.AllowClientCredentialsFlow();
                server.RegisterScopes([.. AllScopes]);
                server.SetAccessTokenLifetime(TimeSpan.FromHours(1));
                server.DisableAccessTokenEncryption();
                server.DisableTokenStorage();
                server.DisableAuthorizationStorage();
                // Wanted by the library, used by no token that is made here; its own way of making one is an RSA key, seconds of work.
                server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));
                foreach (var key in TokenKeys.Signing(configuration))
                {
                    server.AddSigningKey(key);
                }

                server.Configure(options => options.TimeProvider = TimeProvider.System);
                // TLS ends before the deployment.
                server.UseAspNetCore().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
            });
    }

    public static void MapTokenServer(this IEndpointRouteBuilder endpoints)
    {
        OperatorSignIn.Map(endpoints);
        endpoints.MapPost(Path, TokenAsync)
            .ForAnyone()
            .GuessedAt()
            .WithTags("Access")
            .WithSummary("Get an access token by OAuth 2.0 client credentials; without a scope, with all that the client has")
            .Accepts<TokenRequest>("application/x-www-form-urlencoded")
            .Produces<TokenAnswer>();
    }

    private static async Task<IResult> TokenAsync(HttpContext context, IOpenIddictApplicationManager applications, CancellationToken ct)
    {
        // The library has checked the client, its secret and the scopes before it lets the request through.
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("This is not a token request.");
        var identity = new ClaimsIdentity(TokenValidationParameters.DefaultAuthenticationType, OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, request.ClientId!);
        var scopes = request.GetScopes();
        identity.SetScopes(scopes.Length > 0 ? scopes : await AllScopesOfAsync(applications, request.ClientId!, ct));
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static async Task<string[]> AllScopesOfAsync(IOpenIddictApplicationManager applications, string clientId, CancellationToken ct)
    {
        var client = await applications.FindByClientIdAsync(clientId, ct) ?? throw new InvalidOperationException("The client was there a moment ago.");
        return
        [
            .. from permission in await applications.GetPermissionsAsync(client, ct)
               where permission.StartsWith(OpenIddictConstants.Permissions.Prefixes.Scope, StringComparison.Ordinal)
               select permission[OpenIddictConstants.Permissions.Prefixes.Scope.Length..],
        ];
    }

    /// <summary>The form, for the API reference.</summary>
    private sealed record TokenRequest(string grant_type, string client_id, string client_secret, string? scope);

    /// <summary>The answer, for the API reference.</summary>
    private sealed record TokenAnswer(string access_token, string token_type, int expires_in);
}
