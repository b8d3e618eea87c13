using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class SignOutEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapDelete("/api/session", async (IUserSessions sessions) =>
        {
            await sessions.SignOutAsync();
            return TypedResults.NoContent();
        })
        .WithSummary("Sign out; without a session it does nothing")
        .ForAnyone();
}
