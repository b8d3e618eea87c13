using System.Security.Cryptography;

namespace HuaweiCloud.Marketplace.Simulator.Pages;

/// <summary>The account that a browser buys with; a development tool asks for no password.</summary>
internal sealed record MarketAccount(string CustomerId, string Name, string Email)
{
    private const string CookieName = "market_account";

    public static MarketAccount? Of(HttpRequest request) =>
        request.Cookies[CookieName]?.Split('|') is [{ Length: > 0 } id, var name, var email] ? new(id, Uri.UnescapeDataString(name), Uri.UnescapeDataString(email)) : null;

    /// <summary>An account that has bought nothing yet.</summary>
    public static MarketAccount New(string name, string email) => new(RandomNumberGenerator.GetHexString(32, lowercase: true), name, email);

    public void Keep(HttpResponse response) => response.Cookies.Append(
        CookieName, $"{CustomerId}|{Uri.EscapeDataString(Name)}|{Uri.EscapeDataString(Email)}", new() { HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, MaxAge = TimeSpan.FromDays(365) });
}
