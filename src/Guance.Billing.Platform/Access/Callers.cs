using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Guance.Billing.Platform.Access;

/// <summary>Reads the caller from the principal that a cookie or an access token gave.</summary>
internal sealed class Callers(IHttpContextAccessor http) : ICallers
{
    public Caller Current => http.HttpContext is { } context ? Of(context.User) : Caller.Nobody;

    public static Caller Of(ClaimsPrincipal principal)
    {
        if (principal.Identity is not ClaimsIdentity { IsAuthenticated: true } identity || identity.FindFirst(OpenIddictConstants.Claims.Subject) is not { Value: var id })
        {
            return Caller.Nobody;
        }

        // A token says nothing of a kind: only cookies, which this deployment alone can make, speak for people.
        return identity.AuthenticationType == Schemes.Cookie && Enum.TryParse<CallerKind>(identity.FindFirst(Schemes.KindClaim)?.Value, out var kind)
            ? new(kind, id, identity.FindFirst(OpenIddictConstants.Claims.Name)?.Value ?? id, new HashSet<string>())
            : new(CallerKind.Client, id, id, principal.GetScopes().ToHashSet(StringComparer.Ordinal));
    }
}

/// <summary>Sessions of people, in a cookie that is protected by the deployment's own keys.</summary>
internal sealed class UserSessions(IHttpContextAccessor http) : IUserSessions
{
    public Task SignInAsync(CallerKind kind, string id, string name)
    {
        if (kind is not (CallerKind.ConsoleUser or CallerKind.BillingUser))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only people have sessions.");
        }

        var identity = new ClaimsIdentity(
            [new(OpenIddictConstants.Claims.Subject, id), new(OpenIddictConstants.Claims.Name, name), new(Schemes.KindClaim, kind.ToString())], Schemes.Cookie);
        return Context.SignInAsync(Schemes.Cookie, new ClaimsPrincipal(identity));
    }

    public Task SignOutAsync() => Context.SignOutAsync(Schemes.Cookie);

    private HttpContext Context => http.HttpContext ?? throw new InvalidOperationException("Only a request signs in or out.");
}

internal static class Schemes
{
    /// <summary>Takes the token if one is sent, else the cookie.</summary>
    public const string TokenOrCookie = "token-or-cookie";
    public const string Cookie = "cookie";
    public const string KindClaim = "kind";
}
