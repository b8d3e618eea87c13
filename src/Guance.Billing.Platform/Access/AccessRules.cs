using Guance.Billing.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Access;

/// <summary>Lets a request through to its endpoint if the endpoint's <see cref="AccessRule"/> allows its caller.</summary>
internal sealed class AccessRules(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        // What is no route's endpoint is routing's own answer: 405, 415.
        var problem = context.GetEndpoint() is RouteEndpoint endpoint ? Refusal(endpoint.Metadata.GetMetadata<AccessRule>(), Caller.Of(context.User)) : null;
        if (problem is null)
        {
            return next(context);
        }

        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            if (context.GetEndpoint()!.Metadata.GetMetadata<AccessRule>() is { User: CallerKind.Operator } && HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.Redirect($"/operator/sign-in?back={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}");
                return Task.CompletedTask;
            }

            context.Response.Headers.WWWAuthenticate = context.Request.Headers.Authorization.Count > 0 ? "Bearer error=\"invalid_token\"" : "Bearer";
        }

        return problem.WriteAsync(context);
    }

    private static Problem? Refusal(AccessRule? rule, Caller caller) => (rule, caller.Kind) switch
    {
        // The check at start lets no such endpoint through; one that is added later is closed.
        (null, _) => Problem.Of(403),
        ({ User: null }, _) => null,
        ({ Scopes: var scopes }, CallerKind.Client) => scopes.Any(caller.Has)
            ? null
            : scopes.Count == 0
                ? new(403, "not-allowed", "Only people who are signed in may do this, no client.")
                : new(403, "scope-missing", $"This needs an access token with the scope {string.Join(" or ", scopes)}. Ask for one with it.",
                    new Dictionary<string, object?>(StringComparer.Ordinal) { ["scopes"] = scopes }),
        ({ User: var kind }, _) => kind == caller.Kind ? null : Problem.Of(401),
    };
}

/// <summary>Refuses to start when an endpoint does not say who may call it, or operators change something by it that no command keeps.</summary>
internal sealed class EveryEndpointHasAnAccessRule : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        next(app);
        var endpoints = app.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        var open = endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>() is null)
            .Select(endpoint => endpoint.DisplayName)
            .ToArray();
        if (open.Length > 0)
        {
            throw new InvalidOperationException(
                $"Say who may call these endpoints, by ForAnyone, ForConsoleUsers, ForBillingUsers or ForClients: {string.Join(", ", open)}.");
        }

        var unkept = endpoints
            .Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>()!.Scopes.Contains(Scopes.Operator)
                && endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.All(HttpMethods.IsGet) is not true
                && endpoint.Metadata.GetMetadata<GivesOperatorCommand>() is null)
            .Select(endpoint => endpoint.DisplayName)
            .ToArray();
        if (unkept.Length > 0)
        {
            throw new InvalidOperationException($"What operators do is kept: say by ForOperatorsTo or Gives which command these endpoints give: {string.Join(", ", unkept)}.");
        }
    };
}
