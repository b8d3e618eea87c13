using FluentValidation;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.ReadModels;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

/// <summary>
/// Allow a code to be asked for, at the instant that identifies the request at the Billing Center. It changes nothing here, but under an
/// <c>Idempotency-Key</c> the instant is remembered, so that the same request mails once.
/// </summary>
internal sealed record RequestBillingAccountCode(RegistrationId Id, string? BillingUsername) : ICommand<DateTimeOffset>;

internal sealed class RequestBillingAccountCodeValidator : AbstractValidator<RequestBillingAccountCode>
{
    public RequestBillingAccountCodeValidator() => RuleFor(command => command.BillingUsername).Must(Inputs.IsUsername)
        .WithErrorCode("billing-username-invalid").WithMessage("A username has 2 to 64 characters, no control characters, and no blank at either end.");
}

internal sealed class RequestBillingAccountCodeHandler(IDocumentSession session, TimeProvider clock)
    : ICommandHandler<RequestBillingAccountCode, DateTimeOffset>
{
    public async Task<DateTimeOffset> Handle(RequestBillingAccountCode command, CancellationToken ct)
    {
        RegistrationDecider.RequireActivatable(await session.LoadAsync<CommercialRegistration>(command.Id.Value, ct) ?? throw Refuse.NotFound());
        return clock.GetUtcNow();
    }
}

internal sealed record BillingAccountCodeBody(string? BillingUsername);

internal static class RequestBillingAccountCodeEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/registrations/{id}/billing-account-code", async (
            RegistrationId id,
            BillingAccountCodeBody body,
            Registrations registrations,
            IBillingCenter billingCenter,
            Deployment deployment,
            IMediator mediator,
            CancellationToken ct) =>
        {
            await registrations.RequireAsync(id, ct);
            var requestedAt = await mediator.Send(new RequestBillingAccountCode(id, body.BillingUsername), ct);
            try
            {
                var sent = await billingCenter.AskAsync<SendBillingAccountCode, BillingAccountCodeSent>(
                    new(deployment.Site, id, body.BillingUsername!, requestedAt), ct);
                return TypedResults.Accepted($"/api/registrations/{id}", sent);
            }
            catch (PeerUnreachableException)
            {
                throw Refuse.BillingCenterUnreachable();
            }
        })
        .ForAnyone()
        .Idempotent()
        .GuessedAt()
        .Refuses(
            Refuse.NotFoundCode, "billing-username-invalid", Refuse.StepNotReachedCode, Refuse.ActivatingCode, Refuse.AlreadyActivatedCode,
            Refuse.BillingCenterUnreachableCode)
        .WithSummary("Have a code mailed to the address of a billing account, so that activation can attach it");
}
