using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Guance.Billing.Platform.Http;

/// <summary>
/// An error as it leaves a deployment: <c>application/problem+json</c> with a stable <c>code</c>, a sentence that says what to do, and the
/// <c>traceId</c> under which the logs know it.
/// </summary>
internal sealed record Problem(int Status, string Code, string Sentence, IReadOnlyDictionary<string, object?>? Details = null)
{
    /// <summary>What the status codes mean that come without a body: from routing, the server, or an endpoint that gave just a number.</summary>
    private static readonly FrozenDictionary<int, (string Code, string Sentence)> OfStatuses = new Dictionary<int, (string, string)>
    {
        [400] = ("bad-request", "The request cannot be read. Compare it with the API reference at /docs."),
        [401] = ("not-signed-in", "Sign in, or send an access token of the Billing Center's /connect/token, and try again."),
        [403] = ("not-allowed", "You may not do this."),
        [404] = ("not-found", "There is nothing at this address. The API reference is at /docs."),
        [405] = ("method-not-allowed", "This address does not take this method; the Allow header names those that it takes."),
        [406] = ("not-acceptable", "None of the formats in the Accept header can be given; ask for application/json."),
        [408] = ("request-timeout", "The request came too slowly. Try again."),
        [413] = ("body-too-large", "The body is too large. Send less at once."),
        [415] = ("unsupported-media-type", "Send the body as JSON, with Content-Type: application/json."),
        [429] = ("too-many-requests", "Too many attempts. Wait for as many seconds as Retry-After says and try again."),
        [503] = ("unavailable", "A part that is needed cannot be reached just now. Try again in a moment."),
    }.ToFrozenDictionary();

    public static Problem Of(int status) =>
        OfStatuses.TryGetValue(status, out var known) ? new(status, known.Code, known.Sentence)
        : status < 500 ? new(status, "bad-request", OfStatuses[400].Sentence)
        : new(status, "internal-error", "Something went wrong here. Try again; if that does not help, report the traceId.");

    public static Problem Of(BillingRefusal refusal) => new(Status: refusal.Kind switch
    {
        RefusalKind.Invalid => 400,
        RefusalKind.Unauthenticated => 401,
        RefusalKind.Forbidden => 403,
        RefusalKind.NotFound => 404,
        RefusalKind.Conflict => 409,
        RefusalKind.Stale => 412,
        RefusalKind.Unprocessable => 422,
        RefusalKind.TooMany => 429,
        RefusalKind.Unavailable => 503,
        _ => throw new InvalidOperationException($"{refusal.Kind} has no status."),
    }, refusal.Code, refusal.Message, refusal.Details);

    /// <summary>Answers the request with it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var problem = new ProblemDetails { Status = Status, Title = ReasonPhrases.GetReasonPhrase(Status), Detail = Sentence };
        foreach (var (name, value) in Details ?? new Dictionary<string, object?>(StringComparer.Ordinal))
        {
            problem.Extensions[name] = value;
        }

        problem.Extensions["code"] = Code;
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
        context.Response.StatusCode = Status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", context.RequestAborted);
    }
}
