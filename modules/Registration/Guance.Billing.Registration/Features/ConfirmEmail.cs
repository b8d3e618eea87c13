using FluentValidation;
using Guance.Billing.Platform.Access;
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

internal sealed class ConfirmEmailValidator : AbstractValidator<ConfirmEmail>
{
    public ConfirmEmailValidator() => RuleFor(command => command.Code)
        .Must(code => code.Length == 6 && code.All(char.IsAsciiDigit)).WithErrorCode("code-invalid").WithMessage("The code has 6 digits.");
}

internal sealed class ConfirmEmailHandler(IDocumentSession session, RegistrationDbContext tables, TimeProvider clock)
    : ICommandHandler<ConfirmEmail, CodeTried>
{
    public async Task<CodeTried> Handle(ConfirmEmail command, CancellationToken ct)
    {
        var row = await tables.LockEmailCodeAsync(command.Id, ct);
        var (stream, registration) = await session.RegistrationAsync(command.Id, command.UserId, ct);
        if (row is null)
        {
            // The row goes when the address is confirmed.
            return new(CodeOutcome.Confirmed, 0);
        }

        var now = clock.GetUtcNow();
        var outcome = EmailCodeRules.Judge(EmailCodes.Matches(row, command.Id, command.Code), row.TriesLeft, row.SentAt, now);
        if (outcome is CodeOutcome.Confirmed)
        {
            stream.AppendMany(RegistrationDecider.ConfirmEmail(registration, now));
            tables.EmailCodes.Remove(row);
        }
        else if (outcome is CodeOutcome.Wrong)
        {
            row.TriesLeft--;
        }

        return new(outcome, row.TriesLeft);
    }
}

internal sealed record ConfirmEmailBody(string? Code);

internal static class ConfirmEmailEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/registrations/{id}/email-confirmation", async (
            RegistrationId id, ConfirmEmailBody body, Registrations registrations, ICallers callers, IMediator mediator, CancellationToken ct) =>
        {
            var tried = await mediator.Send(new ConfirmEmail(id, callers.ConsoleUserId(), body.Code?.Trim() ?? ""), ct);
            return tried.Outcome is CodeOutcome.Confirmed
                ? TypedResults.Ok(await registrations.ViewAsync(id, callers.ConsoleUserId(), ct))
                : throw Refuse.Code(tried.Outcome, tried.TriesLeft);
        })
        .ForAnyone()
        .Idempotent()
        .GuessedAt()
        .Refuses(Refuse.NotFoundCode, "code-invalid", Refuse.CodeWrongCode, Refuse.CodeExpiredCode, Refuse.CodeTriesUsedUpCode)
        .WithSummary("Confirm the e-mail address with the code that was mailed to it");
}
