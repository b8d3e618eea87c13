using Microsoft.AspNetCore.Http;

namespace Guance.Billing.Platform.Http;

/// <summary>Sets another <c>Content-Security-Policy</c> on an endpoint that serves pages.</summary>
/// <param name="Policy">The header's value.</param>
public sealed record ContentSecurityPolicy(string Policy)
{
    internal const string Default = "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    /// <summary>Of pages: libraries write style attributes and have pictures in their addresses; scripts come from here alone.</summary>
    public static ContentSecurityPolicy OfPages { get; } =
        new("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'");
}

internal sealed class SecurityHeaders(RequestDelegate next, Deployment deployment)
{
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(Set, context);
        return next(context);
    }

    // At the last moment, since an error throws away what was set before it.
    private Task Set(object state)
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.GetEndpoint()?.Metadata.GetMetadata<ContentSecurityPolicy>()?.Policy ?? ContentSecurityPolicy.Default;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (!deployment.IsDevelopment)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }

        return Task.CompletedTask;
    }
}
