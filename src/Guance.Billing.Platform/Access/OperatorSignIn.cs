using Guance.Billing.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;

namespace Guance.Billing.Platform.Access;

/// <summary>
/// Operators sign in to the pages by what they have for the API: the id and secret of an OAuth client with the scope <c>operator</c>. So histories name
/// them alike, whichever way they came, and one list says who operates.
/// </summary>
internal sealed partial class OperatorSignIn(IOpenIddictApplicationManager applications, IUserSessions sessions, ILogger<OperatorSignIn> log)
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/operator/sign-in", async ([FromForm] string? username, [FromForm] string? password, [FromForm] string? back, OperatorSignIn signIn, CancellationToken ct) =>
        {
            var to = OwnPath.Of(back) is "/" ? "/operator" : OwnPath.Of(back);
            return await signIn.TryAsync(username ?? "", password ?? "", ct)
                ? TypedResults.LocalRedirect(to)
                : TypedResults.LocalRedirect($"/operator/sign-in?refused=sign-in-failed&username={Uri.EscapeDataString(username ?? "")}&back={Uri.EscapeDataString(to)}");
        })
        .ForAnyone()
        .GuessedAt()
        .ExcludeFromDescription();

    private async Task<bool> TryAsync(string id, string secret, CancellationToken ct)
    {
        if (id.Length == 0 || secret.Length == 0
            || await applications.FindByClientIdAsync(id, ct) is not { } client
            || !await applications.ValidateClientSecretAsync(client, secret, ct)
            || !await applications.HasPermissionAsync(client, OpenIddictConstants.Permissions.Prefixes.Scope + Scopes.Operator, ct))
        {
            Refused(log);
            return false;
        }

        await sessions.SignInAsync(CallerKind.Operator, id, id);
        SignedIn(log, id);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Somebody tried to sign in as an operator and was refused")]
    private static partial void Refused(ILogger log);

    [LoggerMessage(LogLevel.Information, "Operator {Id} signed in")]
    private static partial void SignedIn(ILogger log, string id);
}
