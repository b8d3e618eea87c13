using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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
    public async Task SignInAsync(CallerKind kind, string id, string name)
    {
        if (kind is not (CallerKind.ConsoleUser or CallerKind.BillingUser or CallerKind.Operator))
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only people have sessions.");
        }

        var identity = new ClaimsIdentity(
            [new(OpenIddictConstants.Claims.Subject, id), new(OpenIddictConstants.Claims.Name, name), new(Schemes.KindClaim, kind.ToString())], Schemes.Cookie);
        if (await SessionStamps.NowAsync(Context.RequestServices, kind, id, Context.RequestAborted) is { } stamp)
        {
            identity.AddClaim(new(Schemes.StampClaim, stamp));
        }

        await Context.SignInAsync(Schemes.Cookie, new ClaimsPrincipal(identity));
    }

    public Task SignOutAsync() => Context.SignOutAsync(Schemes.Cookie);

    private HttpContext Context => http.HttpContext ?? throw new InvalidOperationException("Only a request signs in or out.");
}

/// <summary>Whether sessions are still good.</summary>
public static class SessionStamps
{
    /// <summary>Whether the session is one of a user whose stamp is still the one that it was begun with, or has none.</summary>
    /// <param name="services">Of the request or the circuit.</param>
    /// <param name="session">The session.</param>
    /// <param name="ct">Cancels the reading.</param>
    public static async Task<bool> AreGoodAsync(IServiceProvider services, ClaimsPrincipal session, CancellationToken ct)
    {
        var caller = Caller.Of(session);
        return await NowAsync(services, caller.Kind, caller.Id, ct) is not { } stamp || session.FindFirst(Schemes.StampClaim)?.Value == stamp;
    }

    internal static async Task<string?> NowAsync(IServiceProvider services, CallerKind kind, string id, CancellationToken ct) =>
        services.GetService<ISessionStamps>() is { } stamps ? await stamps.StampAsync(kind, id, ct) : null;
}

internal static class Schemes
{
    /// <summary>Takes the token if one is sent, else the cookie.</summary>
    public const string TokenOrCookie = "token-or-cookie";
    public const string Cookie = "cookie";
    public const string KindClaim = "kind";
    public const string StampClaim = "stamp";
}
