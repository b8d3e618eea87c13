using System.Security.Claims;
using OpenIddict.Abstractions;

namespace Guance.Billing.Platform.Access;

/// <summary>Who calls.</summary>
public enum CallerKind
{
    /// <summary>Nobody has signed in.</summary>
    Anonymous,

    /// <summary>A console account of this site, by cookie.</summary>
    ConsoleUser,

    /// <summary>A billing account of the Billing Center, by cookie.</summary>
    BillingUser,

    /// <summary>A program, by an OAuth 2.0 access token.</summary>
    Client,

    /// <summary>An operator at the pages, by cookie: an OAuth client with the scope <c>operator</c>. It opens pages, no endpoint of the API.</summary>
    Operator,
}

/// <summary>Who calls, and what it may do.</summary>
/// <param name="Kind">What kind of caller.</param>
/// <param name="Id">A console user's id, a billing account's id (<c>acct_…</c>), or the client id; empty when anonymous.</param>
/// <param name="Name">The username, or the client id.</param>
/// <param name="Scopes">A client's scopes.</param>
public sealed record Caller(CallerKind Kind, string Id, string Name, IReadOnlySet<string> Scopes)
{
    /// <summary>Nobody.</summary>
    public static Caller Nobody { get; } = new(CallerKind.Anonymous, "", "", new HashSet<string>());

    /// <summary>The caller that a cookie's or an access token's principal stands for.</summary>
    public static Caller Of(ClaimsPrincipal principal)
    {
        if (principal.Identity is not ClaimsIdentity { IsAuthenticated: true } identity || identity.FindFirst(OpenIddictConstants.Claims.Subject) is not { Value: var id })
        {
            return Nobody;
        }

        // A token says nothing of a kind: only cookies, which this deployment alone can make, speak for people.
        return identity.AuthenticationType == Schemes.Cookie && Enum.TryParse<CallerKind>(identity.FindFirst(Schemes.KindClaim)?.Value, out var kind)
            ? new(kind, id, identity.FindFirst(OpenIddictConstants.Claims.Name)?.Value ?? id, new HashSet<string>())
            : new(CallerKind.Client, id, id, principal.GetScopes().ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>How the caller is named in events and histories: <c>user:NAME</c>, <c>client:ID</c> or <c>anonymous</c>.</summary>
    public string By => Kind switch
    {
        CallerKind.ConsoleUser or CallerKind.BillingUser => $"user:{Name}",
        CallerKind.Client or CallerKind.Operator => $"client:{Id}",
        _ => "anonymous",
    };

    /// <summary>Whether a client was granted the scope.</summary>
    public bool Has(string scope) => Scopes.Contains(scope);
}

/// <summary>Tells who makes the request that is being served.</summary>
public interface ICallers
{
    /// <summary>The caller of this request.</summary>
    Caller Current { get; }
}

/// <summary>Signs people in and out by cookie.</summary>
public interface IUserSessions
{
    /// <summary>Signs in, replacing any session of this browser.</summary>
    /// <param name="kind"><see cref="CallerKind.ConsoleUser"/>, <see cref="CallerKind.BillingUser"/> or <see cref="CallerKind.Operator"/>.</param>
    /// <param name="id">The user's id.</param>
    /// <param name="name">The username.</param>
    Task SignInAsync(CallerKind kind, string id, string name);

    /// <summary>Signs out; without a session it does nothing.</summary>
    Task SignOutAsync();
}

/// <summary>
/// What sessions of people are good for as long as: a module that keeps users has one, so that a changed password ends their sessions on every node at once.
/// </summary>
public interface ISessionStamps
{
    /// <summary>The stamp of a user now; null where sessions of this kind have none. A session that was begun with another one has ended.</summary>
    /// <param name="kind">The kind of user.</param>
    /// <param name="id">The user's id.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<string?> StampAsync(CallerKind kind, string id, CancellationToken cancellationToken);
}

/// <summary>The scopes of OAuth clients (surface).</summary>
public static class Scopes
{
    /// <summary>Send usage events.</summary>
    public const string UsageWrite = "usage.write";

    /// <summary>Ask whether a workspace may ingest or be viewed.</summary>
    public const string AccessRead = "access.read";

    /// <summary>Read every account's billing data.</summary>
    public const string BillingRead = "billing.read";

    /// <summary>Change every account's billing data.</summary>
    public const string BillingWrite = "billing.write";

    /// <summary>Operate the platform.</summary>
    public const string Operator = "operator";

    /// <summary>Speak for a deployment over the site link.</summary>
    public const string Link = "link";
}
