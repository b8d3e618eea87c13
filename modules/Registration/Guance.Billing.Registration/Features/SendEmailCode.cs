using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.ReadModels;
using Guance.Billing.Registration.Tables;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

internal sealed class SendEmailCodeHandler(IDocumentSession session, RegistrationDbContext tables, IMailbox mailbox, TimeProvider clock)
    : ICommandHandler<SendEmailCode>
{
    public async Task<Unit> Handle(SendEmailCode command, CancellationToken ct)
    {
        var row = await tables.LockEmailCodeAsync(command.Id, ct);
        var (_, registration) = await session.RegistrationAsync(command.Id, command.UserId, ct);
        RegistrationDecider.RequireUnconfirmed(registration);
        if (row is null)
        {
            throw new InvalidOperationException($"{command.Id} waits for a code but has none.");
        }

        var now = clock.GetUtcNow();
        EmailCodeRules.RequireResendAllowed(row.SentAt, now);
        var code = EmailCodes.Make();
        row.CodeHash = EmailCodes.Hash(command.Id, code);
        row.Number++;
        row.TriesLeft = EmailCodeRules.TriesMax;
        row.SentAt = now;
        await mailbox.QueueAsync([RegistrationMails.Code(command.Id, registration.Email, code, row.Number)], ct);
        return Unit.Value;
    }
}

internal static class SendEmailCodeEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/registrations/{id}/email-code", async (
            RegistrationId id, Registrations registrations, ICallers callers, IMediator mediator, CancellationToken ct) =>
        {
            await mediator.Send(new SendEmailCode(id, callers.ConsoleUserId()), ct);
            return TypedResults.Accepted($"/api/registrations/{id}", await registrations.ViewAsync(id, callers.ConsoleUserId(), ct));
        })
        .ForAnyone()
        .Idempotent()
        .GuessedAt()
        .Refuses(Refuse.NotFoundCode, Refuse.EmailAlreadyConfirmedCode, Refuse.CodeSentRecentlyCode)
        .WithSummary("Mail a new code to the address that waits for its confirmation");
}
