using Microsoft.AspNetCore.Builder;

namespace Guance.Billing.Platform.Access;

/// <summary>What an endpoint says about who may call it and how. Every endpoint says one of the first four.</summary>
public static class EndpointConventions
{
    /// <summary>Anybody may call it.</summary>
    public static TBuilder ForAnyone<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule(null, []));

    /// <summary>A signed-in console user of this site may call it, or a client with one of the scopes.</summary>
    public static TBuilder ForConsoleUsers<TBuilder>(this TBuilder endpoint, params string[] orClientsWith)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule(CallerKind.ConsoleUser, orClientsWith));

    /// <summary>A signed-in billing account may call it, or a client with one of the scopes.</summary>
    public static TBuilder ForBillingUsers<TBuilder>(this TBuilder endpoint, params string[] orClientsWith)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule(CallerKind.BillingUser, orClientsWith));

    /// <summary>A client with one of the scopes may call it.</summary>
    public static TBuilder ForClients<TBuilder>(this TBuilder endpoint, params string[] scopes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule(CallerKind.Client, scopes));

    /// <summary>An operator who has signed in at the pages may open it; others are led to the sign-in and back.</summary>
    public static TBuilder ForOperatorsAtPages<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessRule(CallerKind.Operator, []));

    /// <summary>A client that operates may call it, to give this command: which keeps who gave it.</summary>
    /// <typeparam name="TCommand">The command.</typeparam>
    public static RouteHandlerBuilder ForOperatorsTo<TCommand>(this RouteHandlerBuilder endpoint)
        where TCommand : IOperatorCommand => endpoint.ForClients(Scopes.Operator).Gives<TCommand>();

    /// <summary>The endpoint, which operators may call as well, gives this command: which keeps who gave it if that was one of them.</summary>
    /// <typeparam name="TCommand">The command.</typeparam>
    public static RouteHandlerBuilder Gives<TCommand>(this RouteHandlerBuilder endpoint)
        where TCommand : IOperatorCommand => endpoint.WithMetadata(new GivesOperatorCommand(typeof(TCommand)));

    /// <summary>The endpoint creates or moves something: it takes an <c>Idempotency-Key</c> (optional for the caller).</summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new TakesIdempotencyKey());

    /// <summary>Calls that guess secrets (sign-in, codes): a few a minute for each address and each thing guessed at.</summary>
    public static TBuilder GuessedAt<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new IsGuessedAt());

    /// <summary>Declares the refusals of an endpoint, for the API reference and the tests.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params string[] codes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new DeclaredRefusals(codes));
}

/// <summary>Who may call an endpoint.</summary>
/// <param name="User">The kind of user that may; null for anybody, <see cref="CallerKind.Client"/> for clients alone.</param>
/// <param name="Scopes">Clients with one of these may, too.</param>
public sealed record AccessRule(CallerKind? User, IReadOnlyList<string> Scopes);

/// <summary>By the endpoint operators give a command.</summary>
/// <param name="Command">Which; an <see cref="IOperatorCommand"/>.</param>
public sealed record GivesOperatorCommand(Type Command);

/// <summary>The endpoint takes an <c>Idempotency-Key</c>.</summary>
public sealed record TakesIdempotencyKey;

/// <summary>The endpoint is one at which secrets are guessed.</summary>
public sealed record IsGuessedAt;

/// <summary>The codes with which an endpoint refuses.</summary>
/// <param name="Codes">Kebab-case codes.</param>
public sealed record DeclaredRefusals(IReadOnlyList<string> Codes);
