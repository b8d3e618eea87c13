using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Platform.Http;

/// <summary>Makes a problem of whatever is thrown. What went wrong inside is logged and never told.</summary>
internal sealed partial class Problems(ILogger<Problems> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await Of(httpContext, exception).WriteAsync(httpContext);
        return true;
    }

    private Problem Of(HttpContext context, Exception exception)
    {
        if (exception is BadHttpRequestException bad)
        {
            return Of(context, bad);
        }

        var refusal = Refusals.Of(exception);
        var (method, route) = (context.Request.Method, context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName);
        switch (refusal)
        {
            case null:
                log.LogError(exception, "{Method} {Route} failed", method, route);
                return Problem.Of(500);
            case { Kind: RefusalKind.Unavailable } when !ReferenceEquals(refusal, exception):
                log.LogWarning(exception, "{Method} {Route} could not reach a part that it needs", method, route);
                break;
            case { Code: "try-again" }:
                log.LogInformation(exception, "{Method} {Route} gave up: others came first each time", method, route);
                break;
        }

        return Problem.Of(refusal);
    }

    private static Problem Of(HttpContext context, BadHttpRequestException bad)
    {
        if (bad.InnerException is JsonException json)
        {
            return OfJson(json);
        }

        // ASP.NET tells what it could not bind in words only.
        if (FailedToBind().Match(bad.Message) is { Success: true } failed)
        {
            var name = failed.Groups["name"].Value;
            return context.Features.Get<IExceptionHandlerFeature>()?.RouteValues?.ContainsKey(name) is true
                ? new(404, "not-found", $"There is nothing at this address: '{failed.Groups["value"].Value}' is not a well-formed {name}.")
                : InField(name, $"The value of '{name}' in the query cannot be read. Compare it with the API reference at /docs.");
        }

        if (NotProvided().Match(bad.Message) is { Success: true } missing)
        {
            var name = missing.Groups["name"].Value;
            return missing.Groups["source"].Value == "body"
                ? new(400, "bad-request", "The request needs a JSON body. Compare it with the API reference at /docs.")
                : InField(name, $"'{name}' is missing in the {missing.Groups["source"].Value}. Give it a value.");
        }

        return Problem.Of(bad.StatusCode);
    }

    private static Problem OfJson(JsonException json)
    {
        var field = json.Path is { } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : null;
        var position = json is { LineNumber: { } line, BytePositionInLine: { } at } ? $" (line {line + 1}, position {at + 1})" : "";
        return field is null
            ? new(400, "bad-request", $"The body is not the JSON that is wanted{position}. Compare it with the API reference at /docs.")
            : InField(field, $"The value of '{field}' in the body cannot be read{position}. Compare it with the API reference at /docs.");
    }

    private static Problem InField(string field, string sentence) =>
        new(400, "bad-request", sentence, new Dictionary<string, object?>(StringComparer.Ordinal) { ["field"] = field });

    [GeneratedRegex("^Failed to bind parameter \"(?:\\S+ )?(?<name>\\w+)\" from \"(?<value>.*)\"\\.$", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex FailedToBind();

    [GeneratedRegex("^Required parameter \"(?:\\S+ )?(?<name>\\w+)\" was not provided from (?<source>query string|route|body|header|form)", RegexOptions.ExplicitCapture)]
    private static partial Regex NotProvided();
}
