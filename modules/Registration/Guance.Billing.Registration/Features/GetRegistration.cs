using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.ReadModels;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

internal sealed class GetRegistrationHandler(Registrations registrations) : IQueryHandler<GetRegistration, RegistrationView>
{
    public Task<RegistrationView> Handle(GetRegistration query, CancellationToken ct) => registrations.ViewAsync(query.Id, query.UserId, ct);
}

internal sealed class ListRegistrationsHandler(Registrations registrations) : IQueryHandler<ListRegistrations, Page<RegistrationView>>
{
    public async Task<Page<RegistrationView>> Handle(ListRegistrations query, CancellationToken ct)
    {
        var views = new List<RegistrationView>();
        foreach (var registration in await registrations.OfUserAsync(query.UserId, ct))
        {
            if (registration.State is not RegistrationState.Activated)
            {
                views.Add(await registrations.ViewAsync(registration, ct));
            }
        }

        return new(views, NextCursor: null);
    }
}

internal static class GetRegistrationEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapGet("/api/registrations/{id}", async (
                RegistrationId id, IRequestHandler<GetRegistration, RegistrationView> get, ICallers callers, CancellationToken ct) =>
                TypedResults.Ok(await get.Handle(new(id, callers.ConsoleUserId()), ct)))
            .ForAnyone()
            .Refuses(Refuse.NotFoundCode)
            .WithSummary("How far a registration is, and what went wrong");
        endpoints
            .MapGet("/api/registrations", async (IRequestHandler<ListRegistrations, Page<RegistrationView>> list, ICallers callers, CancellationToken ct) =>
                TypedResults.Ok(await list.Handle(new(callers.Current.Id), ct)))
            .ForConsoleUsers()
            .WithSummary("Own registrations that are not finished, to go on with");
    }
}
