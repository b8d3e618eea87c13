using FluentValidation;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
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
        RegistrationDecider.RequireActivatable((await session.LoadAsync<CommercialRegistration>(command.Id.Value, ct)).SeenBy(command.UserId));
        return clock.GetUtcNow();
    }
}

internal sealed class MailBillingAccountCodeHandler(IBillingCenter billingCenter, Deployment deployment)
    : IQueryHandler<MailBillingAccountCode, BillingAccountCodeMailed>
{
    public async Task<BillingAccountCodeMailed> Handle(MailBillingAccountCode query, CancellationToken ct)
    {
        try
        {
            return new((await billingCenter.AskAsync<SendBillingAccountCode, BillingAccountCodeSent>(
                new(deployment.Site, query.Id, query.BillingUsername, query.RequestedAt), ct)).ExpiresAt);
        }
        catch (PeerUnreachableException)
        {
            throw Refuse.BillingCenterUnreachable();
        }
    }
}

internal sealed record BillingAccountCodeBody(string? BillingUsername);

internal static class RequestBillingAccountCodeEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/registrations/{id}/billing-account-code", async (RegistrationId id, BillingAccountCodeBody body, ICallers callers, IMediator mediator, CancellationToken ct) =>
        {
            var requestedAt = await mediator.Send(new RequestBillingAccountCode(id, callers.ConsoleUserId(), body.BillingUsername), ct);
            return TypedResults.Accepted($"/api/registrations/{id}", await mediator.Send(new MailBillingAccountCode(id, body.BillingUsername!, requestedAt), ct));
        })
        .ForAnyone()
        .Idempotent()
        .GuessedAt()
        .Refuses(
            Refuse.NotFoundCode, "billing-username-invalid", Refuse.StepNotReachedCode, Refuse.ActivatingCode, Refuse.AlreadyActivatedCode,
            Refuse.BillingCenterUnreachableCode)
        .WithSummary("Have a code mailed to the address of a billing account, so that activation can attach it");
}
