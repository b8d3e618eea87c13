using FluentValidation;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Jobs;
using Guance.Billing.Registration.ReadModels;
using Guance.Billing.Registration.Tables;
using Guance.Billing.Sites;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

internal sealed class RequestActivationValidator : AbstractValidator<RequestActivation>
{
    public RequestActivationValidator()
    {
        RuleFor(command => command.Method).Must(method => SettlementMethod.TryParse(method, null, out _))
            .WithErrorCode(Refuse.MethodUnknownCode).WithMessage("Choose one of the site's activation methods, such as 'billing-center'.");
        RuleFor(command => command.WorkspaceName).Must(name => name is { Length: >= 1 and <= 256 } && Inputs.IsPlain(name))
            .WithErrorCode("workspace-name-invalid").WithMessage("Name the workspace, with at most 256 characters.");
        RuleFor(command => command.WorkspaceLanguage).Must(language => language is "zh" or "en")
            .WithErrorCode("workspace-language-invalid").WithMessage("The workspace's language is 'zh' or 'en'.");
        RuleFor(command => command.CloudAccountId)
            .Must(id => id is null || (id.Length <= 100 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            .WithErrorCode("cloud-account-id-invalid").WithMessage("A cloud account ID has letters and digits only, at Huawei Cloud 32 of them.");
        RuleFor(command => command.TermsAccepted).Equal(true)
            .WithErrorCode("terms-not-accepted").WithMessage("Read and accept the terms to activate.");
        RuleFor(command => command.BillingUsername).Must(name => name is null || Inputs.IsUsername(name))
            .WithErrorCode("billing-username-invalid").WithMessage("A username has 2 to 64 characters, no control characters, and no blank at either end.");
        RuleFor(command => command.BillingCode).Must(code => code is null || (code.Length <= 32 && Inputs.IsPlain(code)))
            .WithErrorCode("billing-code-invalid").WithMessage("Give the code as it was mailed.");
        RuleFor(command => command.NewBillingUsername).Must(name => name is null || Inputs.IsUsername(name))
            .WithErrorCode("new-billing-username-invalid").WithMessage("A username has 2 to 64 characters, no control characters, and no blank at either end.");
    }
}

internal sealed class RequestActivationHandler(
    IDocumentSession session,
    RegistrationDbContext tables,
    ActivationMethods methods,
    AgreementsInForce agreements,
    Deployment deployment,
    UnitOfWork work,
    ITicks ticks,
    TimeProvider clock) : ICommandHandler<RequestActivation>
{
    public async Task<Unit> Handle(RequestActivation command, CancellationToken ct)
    {
        var (stream, registration) = await session.RegistrationAsync(command.Id, command.UserId, ct);
        var secret = await tables.SecretAsync(command.Id, ct);
        var events = RegistrationDecider.RequestActivation(
            registration,
            new(
                SettlementMethod.Of(command.Method!),
                command.WorkspaceName!,
                command.WorkspaceLanguage!,
                command.CloudAccountId,
                command.BillingUsername,
                HasBillingCode: command.BillingCode is not null,
                command.NewBillingUsername),
            new(deployment.Site, methods, SameBillingCode: secret?.BillingCode == command.BillingCode, agreements.Activation),
            clock.GetUtcNow());
        if (events.Count > 0)
        {
            stream.AppendMany(events);
            secret!.BillingCode = command.BillingCode; // The row is there until activation is completed.
            if (command.AskAtOnce)
            {
                work.AfterCommit(() => ticks.Poke(ActivateRegistrationsJob.Id));
            }
        }

        return Unit.Value;
    }
}

internal sealed record ActivationBody(
    string? Method,
    string? WorkspaceName,
    string? WorkspaceLanguage,
    string? CloudAccountId,
    bool? TermsAccepted,
    string? BillingUsername,
    string? BillingCode,
    string? NewBillingUsername);

internal static class RequestActivationEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPut("/api/registrations/{id}/activation", HandleAsync)
        .ForAnyone()
        .GuessedAt()
        .Produces<RegistrationView>()
        .Produces<RegistrationView>(StatusCodes.Status202Accepted)
        .Refuses(
            Refuse.NotFoundCode, Refuse.MethodUnknownCode, "workspace-name-invalid", "workspace-language-invalid", "cloud-account-id-invalid",
            "terms-not-accepted", "billing-username-invalid", "billing-code-invalid", "new-billing-username-invalid", Refuse.StepNotReachedCode,
            Refuse.ActivatingCode, Refuse.AlreadyActivatedCode, Refuse.CloudAccountIdMissingCode, Refuse.CloudAccountIdUnexpectedCode,
            Refuse.BillingUsernameMissingCode, Refuse.BillingCodeMissingCode, Refuse.BillingAccountAmbiguousCode,
            Refuse.UsernameTakenCode, "billing-code-wrong", "billing-code-expired", "method-not-offered", "cloud-account-unknown", "cloud-account-claimed")
        .WithSummary("Activate (step 3): 200 with the workspace, or 202 while the Billing Center cannot be reached; then it is asked on its own");

    private static async Task<IResult> HandleAsync(
        RegistrationId id,
        ActivationBody body,
        Registrations registrations,
        Activation activation,
        ICallers callers,
        IMediator mediator,
        CancellationToken ct)
    {
        var userId = callers.ConsoleUserId();
        await mediator.Send(
            new RequestActivation(
                id,
                userId,
                Inputs.Given(body.Method),
                Inputs.Given(body.WorkspaceName),
                Inputs.Given(body.WorkspaceLanguage),
                Inputs.Given(body.CloudAccountId),
                body.TermsAccepted ?? false,
                Inputs.Given(body.BillingUsername),
                Inputs.Given(body.BillingCode),
                Inputs.Given(body.NewBillingUsername),
                AskAtOnce: false),
            ct);

        var registration = await registrations.RequireAsync(id, userId, ct);
        if (registration.State is RegistrationState.Activating)
        {
            try
            {
                await activation.AskAsync(registration, ct);
            }
            catch (PeerUnreachableException)
            {
                // The job goes on asking; the answer below says so.
            }

            registration = await registrations.RequireAsync(id, userId, ct);
        }

        switch (registration)
        {
            case { Activated: not null }:
                return TypedResults.Ok(await registrations.ViewAsync(registration, ct));
            case { Problem: { } problem }:
                // An ask that ran beside this one was refused.
                throw new BillingRefusal(problem.Kind, problem.Code, problem.Message);
            default:
                return TypedResults.Accepted($"/api/registrations/{id}", await registrations.ViewAsync(registration, ct));
        }
    }
}
