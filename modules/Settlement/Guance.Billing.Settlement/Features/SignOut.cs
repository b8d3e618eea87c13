using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal static class SignOutEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapDelete("/api/session", async (IUserSessions sessions) =>
            {
                await sessions.SignOutAsync();
                return TypedResults.NoContent();
            })
            .WithSummary("Sign out; without a session it does nothing")
            .ForAnyone();

        // The same for the button of every page; taking the form is what has its token checked.
        endpoints.MapPost("/sign-out", async (IFormCollection _, IUserSessions sessions) =>
            {
                await sessions.SignOutAsync();
                return TypedResults.LocalRedirect("/sign-in");
            })
            .ForAnyone()
            .ExcludeFromDescription();
    }
}
