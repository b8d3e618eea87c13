using Microsoft.Extensions.DependencyInjection;
using System.Security.Cryptography;
using System.Text.Json;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Sites.Asking;

/// <summary>Answers what sites ask of the Billing Center. The same ask of the same site with the same content is done once.</summary>
internal static class AskEndpoint
{
    /// <summary>No such ask here, or not this client's to ask.</summary>
    public const string NotFoundCode = "ask-not-found";

    public static void Map(IEndpointRouteBuilder e) => e
        .MapPost("/ask/{name}", AnswerAsync)
        .ForClients(Scopes.Link)
        .Refuses(NotFoundCode, "ask-malformed")
        .WithSummary("What a site asks of the Billing Center; the body is the ask. Safe to repeat.")
        .WithTags("Site link");

    private static async Task<IResult> AnswerAsync(
        string name, HttpRequest request, Wire wire, ICallers callers, IServiceProviderIsService services, IMediator mediator, Idempotency idempotency, CancellationToken ct)
    {
        var caller = callers.Current;
        if (caller.Kind is not CallerKind.Client || !caller.Has(Scopes.Link)
            || wire.Ask(name) is not { } kind || !CanBeAnswered(services, kind))
        {
            throw NotFound();
        }

        var ask = await ReadAsync(request, kind, ct);
        if (ask is IAskedBySite asked && caller.Id != Peer.ClientIdOf(asked.Site.Value))
        {
            throw NotFound();
        }

        if (kind.IsCommand)
        {
            var content = JsonSerializer.SerializeToUtf8Bytes(ask, kind.Type, Wire.Json);
            idempotency.Use(caller.Id, $"ask:{name}:{Convert.ToHexStringLower(SHA256.HashData(content))}", content);
        }

        return TypedResults.Json(await kind.SendAsync(mediator, ask, ct), Wire.Json);
    }

    /// <summary>Whether a module of this deployment handles it: Contracts also name what only others answer.</summary>
    private static bool CanBeAnswered(IServiceProviderIsService services, AskType kind) => services.IsService(kind.Handler);

    private static async Task<object> ReadAsync(HttpRequest request, AskType kind, CancellationToken ct)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, kind.Type, Wire.Json, ct) ?? throw new JsonException("null");
        }
        catch (Exception failure) when (failure is JsonException or FormatException or NotSupportedException)
        {
            throw new BillingRefusal(RefusalKind.Invalid, "ask-malformed", $"The body is not a well-formed '{kind.Name}': {failure.Message}");
        }
    }

    private static BillingRefusal NotFound() => BillingRefusal.NotFound(NotFoundCode, "There is no such ask, or it is not this client's. A site asks for itself.");
}
