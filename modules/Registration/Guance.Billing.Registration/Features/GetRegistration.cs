using Guance.Billing.Platform.Access;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.ReadModels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

internal static class GetRegistrationEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapGet("/api/registrations/{id}", async (RegistrationId id, Registrations registrations, CancellationToken ct) =>
                TypedResults.Ok(await registrations.ViewAsync(id, ct)))
            .ForAnyone()
            .Refuses(Refuse.NotFoundCode)
            .WithSummary("How far a registration is, and what went wrong");
        endpoints
            .MapGet("/api/registrations", async (Registrations registrations, ICallers callers, CancellationToken ct) =>
            {
                var views = new List<RegistrationView>();
                foreach (var registration in await registrations.OfUserAsync(callers.Current.Id, ct))
                {
                    if (registration.State is not RegistrationState.Activated)
                    {
                        views.Add(await registrations.ViewAsync(registration, ct));
                    }
                }

                return TypedResults.Ok(new Page<RegistrationView>(views, NextCursor: null));
            })
            .ForConsoleUsers()
            .WithSummary("Own registrations that are not finished, to go on with");
    }
}
