using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Guance.Billing.Platform.Access;

/// <summary>Reads the caller from the principal that a cookie or an access token gave.</summary>
internal sealed class Callers(IHttpContextAccessor http) : ICallers
{
    public Caller Current => http.HttpContext is { } context ? Caller.Of(context.User) : Caller.Nobody;
}

/// <summary>Sessions of people, in a cookie that is protected by the deployment's own keys.</summary>
internal sealed class UserSessions(IHttpContextAccessor http) : IUserSessions
{
    public Task SignInAsync(CallerKind kind, string id, string name)
    {
        if (kind is not (CallerKind.ConsoleUser or CallerKind.BillingUser or CallerKind.Operator))
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
