using Guance.Billing.Platform.Audit;
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
internal sealed partial class OperatorSignIn(IOpenIddictApplicationManager applications, IUserSessions sessions, OperatorActs acts, ILogger<OperatorSignIn> log)
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/operator/sign-in", async ([FromForm] string? username, [FromForm] string? password, [FromForm] string? back, HttpContext context, OperatorSignIn signIn, CancellationToken ct) =>
        {
            var to = OwnPath.Of(back) is "/" ? "/operator" : OwnPath.Of(back);
            return await signIn.TryAsync(username ?? "", password ?? "", context.Connection.RemoteIpAddress?.ToString(), ct)
                ? TypedResults.LocalRedirect(to)
                : TypedResults.LocalRedirect($"/operator/sign-in?refused=sign-in-failed&username={Uri.EscapeDataString(username ?? "")}&back={Uri.EscapeDataString(to)}");
        })
        .ForAnyone()
        .GuessedAt()
        .ExcludeFromDescription();

    private async Task<bool> TryAsync(string id, string secret, string? from, CancellationToken ct)
    {
        // A name that is nobody's is not kept: people type their secret into the wrong field.
        var client = id.Length == 0 ? null : await applications.FindByClientIdAsync(id, ct);
        var who = client is null ? "anonymous" : $"client:{id}";
        if (client is null || secret.Length == 0
            || !await applications.ValidateClientSecretAsync(client, secret, ct)
            || !await applications.HasPermissionAsync(client, OpenIddictConstants.Permissions.Prefixes.Scope + Scopes.Operator, ct))
        {
            await acts.KeepAsync(new(who, "sign-in-refused", who, from), ct);
            Refused(log);
            return false;
        }

        await acts.KeepAsync(new(who, "sign-in", who, from), ct);
        await sessions.SignInAsync(CallerKind.Operator, id, id);
        SignedIn(log, id);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Somebody tried to sign in as an operator and was refused")]
    private static partial void Refused(ILogger log);

    [LoggerMessage(LogLevel.Information, "Operator {Id} signed in")]
    private static partial void SignedIn(ILogger log, string id);
}
