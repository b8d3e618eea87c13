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

internal sealed class ProvideCompanyValidator : AbstractValidator<ProvideCompany>
{
    public ProvideCompanyValidator()
    {
        RuleFor(command => command.CompanyName).Must(name => name is { Length: >= 1 and <= 256 } && Inputs.IsPlain(name))
            .WithErrorCode("company-name-invalid").WithMessage("Give the company's name, at most 256 characters.");
        RuleFor(command => command.AgreementsAccepted).Equal(true)
            .WithErrorCode("agreements-not-accepted").WithMessage("Read and accept the agreements to register.");
        Optional(command => command.Industry, "industry-invalid");
        Optional(command => command.Region, "region-invalid");
        RuleFor(command => command.Introduction).Must(text => text is null || (text.Length <= 2000 && Inputs.IsPlainLines(text)))
            .WithErrorCode("introduction-invalid").WithMessage("At most 2000 characters, no control characters.");
        Optional(command => command.ContactName, "contact-name-invalid");
        RuleFor(command => command.ContactEmail).Must(email => email is null || Inputs.IsEmail(email))
            .WithErrorCode("contact-email-invalid").WithMessage("Give an e-mail address such as name@example.com, or leave it out.");
        Optional(command => command.ContactPhone, "contact-phone-invalid");
    }

    private void Optional(System.Linq.Expressions.Expression<Func<ProvideCompany, string?>> field, string code) => RuleFor(field)
        .Must(text => text is null || (text.Length <= 128 && Inputs.IsPlain(text))).WithErrorCode(code).WithMessage("At most 128 characters, no control characters.");
}

internal sealed class ProvideCompanyHandler(
    IDocumentSession session, RegistrationDbContext tables, ConsoleUsers users, AgreementsInForce agreements, TimeProvider clock)
    : ICommandHandler<ProvideCompany, ConsoleAccount>
{
    public async Task<ConsoleAccount> Handle(ProvideCompany command, CancellationToken ct)
    {
        var (stream, registration) = await session.RegistrationAsync(command.Id, command.UserId, ct);
        var now = clock.GetUtcNow();
        var userId = Ids.DeterministicGuid("registration", command.Id.Value, "console-user").ToString();
        var events = RegistrationDecider.ProvideCompany(
            registration,
            new(command.CompanyName!, command.Industry, command.Region, command.Introduction, command.ContactName, command.ContactEmail, command.ContactPhone),
            agreements.Company,
            userId,
            await users.AvailabilityAsync(registration.Username, registration.Email, ct),
            now);
        if (events.Count > 0)
        {
            stream.AppendMany(events);
            // The row is there until activation is completed.
            users.Add(userId, registration, (await tables.SecretAsync(command.Id, ct))!.PasswordHash);
        }

        return new(userId, registration.Username, registration.AccountCreatedAt ?? now);
    }
}

internal sealed record ProvideCompanyBody(
    string? CompanyName,
    bool? AgreementsAccepted,
    string? Industry,
    string? Region,
    string? Introduction,
    string? ContactName,
    string? ContactEmail,
    string? ContactPhone);

internal static class ProvideCompanyEndpoint
{
    // A lost answer is asked for again at once. Later on the id of a registration alone must not open a session.
    private static readonly TimeSpan SignsInFor = TimeSpan.FromMinutes(10);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapPut("/api/registrations/{id}/company", async (
                RegistrationId id,
                ProvideCompanyBody body,
                Registrations registrations,
                ICallers callers,
                IUserSessions sessions,
                IMediator mediator,
                TimeProvider clock,
                CancellationToken ct) =>
            {
                var account = await mediator.Send(
                    new ProvideCompany(
                        id,
                        callers.ConsoleUserId(),
                        Inputs.Given(body.CompanyName),
                        body.AgreementsAccepted ?? false,
                        Inputs.Given(body.Industry),
                        Inputs.Given(body.Region),
                        Inputs.Given(body.Introduction),
                        Inputs.Given(body.ContactName),
                        Inputs.Given(body.ContactEmail),
                        Inputs.Given(body.ContactPhone)),
                    ct);
                if (clock.GetUtcNow() <= account.CreatedAt + SignsInFor)
                {
                    await sessions.SignInAsync(CallerKind.ConsoleUser, account.UserId, account.Username);
                }

                return TypedResults.Ok(await registrations.ViewAsync(id, callers.ConsoleUserId(), ct));
            })
            .ForAnyone()
            .Refuses(
                Refuse.NotFoundCode, "company-name-invalid", "agreements-not-accepted", "industry-invalid", "region-invalid", "introduction-invalid",
                "contact-name-invalid", "contact-email-invalid", "contact-phone-invalid", Refuse.StepNotReachedCode, Refuse.CompanyAlreadyProvidedCode,
                Refuse.UsernameTakenAtSiteCode, Refuse.EmailTakenAtSiteCode)
            .WithSummary("Give the company information (step 2); the console account exists from then on, and the browser is signed in to it");
        // The same for the page, which gives the company over a circuit: that cannot set a cookie. Taking the form is what has its token checked.
        endpoints
            .MapPost("/register/{id}/session", async (
                RegistrationId id, IFormCollection _, Registrations registrations, ICallers callers, IUserSessions sessions, TimeProvider clock, CancellationToken ct) =>
            {
                var registration = await registrations.RequireAsync(id, callers.ConsoleUserId(), ct);
                if (registration is { UserId: { } userId, AccountCreatedAt: { } createdAt } && clock.GetUtcNow() <= createdAt + SignsInFor)
                {
                    await sessions.SignInAsync(CallerKind.ConsoleUser, userId, registration.Username);
                }

                return TypedResults.LocalRedirect($"/register/{id}");
            })
            .ForAnyone()
            .ExcludeFromDescription();
    }
}
