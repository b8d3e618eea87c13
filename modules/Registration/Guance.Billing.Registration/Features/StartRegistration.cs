using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.ReadModels;
using Guance.Billing.Registration.Tables;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Sites;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

internal sealed class StartRegistrationValidator : AbstractValidator<StartRegistration>
{
    public StartRegistrationValidator()
    {
        RuleFor(command => command.Username).Must(Inputs.IsUsername).WithErrorCode("username-invalid")
            .WithMessage("A username has 2 to 64 characters, no control characters, and no blank at either end.");
        RuleFor(command => command.Password).Must(PasswordRule.IsMetBy).WithErrorCode("password-invalid")
            .WithMessage(PasswordRule.Sentence);
        RuleFor(command => command.Email).Must(Inputs.IsEmail).WithErrorCode("email-invalid").WithMessage("Give an e-mail address such as name@example.com.");
        RuleFor(command => command.Phone).Must(phone => Inputs.Given(phone) is not { } given || Inputs.E164(given) is not null).WithErrorCode("phone-invalid")
            .WithMessage("Give the phone number with its country code, such as +8613800138000, or leave it out.");
        RuleFor(command => command.BillingAccount).Must(choice => choice is null or "new" or "existing").WithErrorCode("billing-account-invalid")
            .WithMessage("billingAccount is 'new' or 'existing'.");
    }
}

internal sealed class StartRegistrationHandler(
    IDocumentSession session,
    RegistrationDbContext tables,
    ConsoleUsers users,
    IPasswordHasher<ConsoleUser> hasher,
    IMailbox mailbox,
    TimeProvider clock) : ICommandHandler<StartRegistration, RegistrationView>
{
    public async Task<RegistrationView> Handle(StartRegistration command, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        // Who sends the command must not choose what is secret. Run again, the handler has undone all of the run before, the mail with its code as well.
        var id = RegistrationId.Of(RegistrationId.Prefix + RandomNumberGenerator.GetHexString(32, lowercase: true));
        var choice = command.BillingAccount == "existing" ? BillingAccountChoice.Existing : BillingAccountChoice.New;
        var started = RegistrationDecider.Start(
            new(id, command.Username!, command.Email!, Inputs.E164(Inputs.Given(command.Phone)), choice, now),
            await users.AvailabilityAsync(command.Username!, command.Email!, ct) with { UsernameTakenInBillingCenter = command.UsernameTakenInBillingCenter });

        session.Events.StartStream<CommercialRegistration>(id.Value, started);
        var emailCode = EmailCodes.Make();
        var code = EmailCodes.Issue(id, emailCode, now);
        tables.EmailCodes.Add(code);
        tables.Secrets.Add(new() { RegistrationId = id.Value, PasswordHash = hasher.HashPassword(new(), command.Password!) });
        await mailbox.QueueAsync([RegistrationMails.Code(id, started.Email, emailCode, code.Number)], ct);
        return Views.Of(CommercialRegistration.Create(started), code, account: null, now);
    }
}

internal sealed class CheckUsernameHandler(IBillingCenter billingCenter, Deployment deployment) : IQueryHandler<CheckUsername, bool>
{
    public async Task<bool> Handle(CheckUsername query, CancellationToken ct)
    {
        if (!Inputs.IsUsername(query.Username))
        {
            return false;
        }

        try
        {
            return (await billingCenter.AskAsync<CheckBillingUsername, BillingUsernameAvailability>(new(deployment.Site, query.Username!), ct)).Taken;
        }
        catch (PeerUnreachableException)
        {
            // Nobody is kept waiting for that: step 3 asks again, atomically.
            return false;
        }
    }
}

/// <summary>Codes that confirm an address, kept as a hash.</summary>
internal static class EmailCodes
{
    /// <summary>6 random digits.</summary>
    public static string Make() => RandomNumberGenerator.GetInt32(1_000_000).ToString("D6", CultureInfo.InvariantCulture);

    public static EmailCodeRow Issue(RegistrationId registration, string code, DateTimeOffset now) => new()
    {
        RegistrationId = registration.Value,
        CodeHash = Hash(registration, code),
        Number = 1,
        TriesLeft = EmailCodeRules.TriesMax,
        SentAt = now,
    };

    public static bool Matches(EmailCodeRow row, RegistrationId registration, string code) =>
        CryptographicOperations.FixedTimeEquals(row.CodeHash, Hash(registration, code));

    public static byte[] Hash(RegistrationId registration, string code) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(registration.Value), Encoding.UTF8.GetBytes(code));
}

/// <summary>Console users by their names, whatever the case.</summary>
internal sealed class ConsoleUsers(RegistrationDbContext tables, ILookupNormalizer normalizer)
{
    /// <summary>What of a username and an address is taken at this site.</summary>
    public async Task<Availability> AvailabilityAsync(string username, string email, CancellationToken ct)
    {
        var (name, address) = (normalizer.NormalizeName(username), normalizer.NormalizeEmail(email));
        var taken = await tables.UsersWithAsync(name, address, ct);
        return new(false, taken.Any(user => user.NormalizedUserName == name), taken.Any(user => user.NormalizedEmail == address));
    }

    /// <summary>Adds the account of a registration; it is there once the command commits.</summary>
    /// <param name="id">Follows from the registration's id.</param>
    /// <param name="registration">The registration.</param>
    /// <param name="passwordHash">The hash of the initial password.</param>
    public void Add(string id, CommercialRegistration registration, string passwordHash) => tables.Users.Add(new()
    {
        Id = id,
        UserName = registration.Username,
        NormalizedUserName = normalizer.NormalizeName(registration.Username),
        Email = registration.Email,
        NormalizedEmail = normalizer.NormalizeEmail(registration.Email),
        EmailConfirmed = true,
        PhoneNumber = registration.Phone,
        PasswordHash = passwordHash,
        LockoutEnabled = true,
        SecurityStamp = RandomNumberGenerator.GetHexString(32),
        ConcurrencyStamp = RandomNumberGenerator.GetHexString(32),
    });

    /// <summary>The user with a username, locked until the command is done; null if there is none.</summary>
    public Task<ConsoleUser?> LockAsync(string username, CancellationToken ct) => tables.LockUserAsync(normalizer.NormalizeName(username), ct);
}

/// <param name="Username">2-64 characters, unique in the Billing Center and at the site whatever its case.</param>
/// <param name="Password">8-32 characters, three of four classes.</param>
/// <param name="Email">Gets the code.</param>
/// <param name="Phone">International, with a leading plus; optional.</param>
/// <param name="BillingAccount"><c>new</c> (if left out) or <c>existing</c>.</param>
internal sealed record StartRegistrationBody(string? Username, string? Password, string? Email, string? Phone, string? BillingAccount);

internal static class StartRegistrationEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/registrations", async (StartRegistrationBody body, IMediator mediator, CancellationToken ct) =>
        {
            var view = await mediator.Send(
                new StartRegistration(
                    body.Username,
                    body.Password,
                    body.Email,
                    body.Phone,
                    body.BillingAccount,
                    body.BillingAccount != "existing" && await mediator.Send(new CheckUsername(body.Username), ct)),
                ct);
            return TypedResults.Created($"/api/registrations/{view.Id}", view);
        })
        .ForAnyone()
        .Idempotent()
        .GuessedAt()
        .Refuses(
            "username-invalid", "password-invalid", "email-invalid", "phone-invalid", "billing-account-invalid",
            Refuse.UsernameTakenCode, Refuse.UsernameTakenAtSiteCode, Refuse.EmailTakenAtSiteCode)
        .WithSummary("Start a registration of the Commercial plan (step 1) and mail the code that confirms the address");
}
