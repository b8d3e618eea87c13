using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FluentValidation;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
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

/// <summary>Step 1 (rules §2): start a registration and mail the code that confirms the address.</summary>
/// <param name="Id">128 random bits.</param>
/// <param name="Username">2-64 characters.</param>
/// <param name="PasswordHash">Made at the edge, since its salt is random; the password itself goes no further.</param>
/// <param name="Email">The address.</param>
/// <param name="Phone">E.164, if given.</param>
/// <param name="BillingAccount">Whether one is opened or attached.</param>
/// <param name="UsernameTakenInBillingCenter">As the Billing Center answered; false when it could not, since step 3 asks again.</param>
/// <param name="EmailCode">6 digits, made at the edge.</param>
internal sealed record StartRegistration(
    RegistrationId Id,
    string Username,
    string PasswordHash,
    string Email,
    string? Phone,
    BillingAccountChoice BillingAccount,
    bool UsernameTakenInBillingCenter,
    string EmailCode) : ICommand<RegistrationView>;

internal sealed class StartRegistrationHandler(
    IDocumentSession session, RegistrationDbContext tables, ConsoleUsers users, IMailbox mailbox, TimeProvider clock)
    : ICommandHandler<StartRegistration, RegistrationView>
{
    public async Task<RegistrationView> Handle(StartRegistration command, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var started = RegistrationDecider.Start(
            new(command.Id, command.Username, command.Email, command.Phone, command.BillingAccount, now),
            await users.AvailabilityAsync(command.Username, command.Email, ct) with { UsernameTakenInBillingCenter = command.UsernameTakenInBillingCenter });

        session.Events.StartStream<CommercialRegistration>(command.Id.Value, started);
        var code = EmailCodes.Issue(command.Id, command.EmailCode, now);
        tables.EmailCodes.Add(code);
        tables.Secrets.Add(new() { RegistrationId = command.Id.Value, PasswordHash = command.PasswordHash });
        await mailbox.QueueAsync([RegistrationMails.Code(command.Id, command.Email, command.EmailCode, code.Number)], ct);
        return RegistrationView.Of(CommercialRegistration.Create(started), code, account: null, now);
    }
}

/// <summary>Codes that confirm an address: made at the edge, kept as a hash.</summary>
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

internal sealed class StartRegistrationBodyValidator : AbstractValidator<StartRegistrationBody>
{
    public StartRegistrationBodyValidator()
    {
        RuleFor(body => body.Username).Must(Inputs.IsUsername).WithErrorCode("username-invalid")
            .WithMessage("A username has 2 to 64 characters, no control characters, and no blank at either end.");
        RuleFor(body => body.Password).Must(Inputs.IsPassword).WithErrorCode("password-invalid")
            .WithMessage("A password has 8 to 32 characters, of three kinds at least: small letters, capitals, digits, others.");
        RuleFor(body => body.Email).Must(Inputs.IsEmail).WithErrorCode("email-invalid").WithMessage("Give an e-mail address such as name@example.com.");
        RuleFor(body => body.Phone).Must(phone => Inputs.Given(phone) is not { } given || Inputs.E164(given) is not null).WithErrorCode("phone-invalid")
            .WithMessage("Give the phone number with its country code, such as +8613800138000, or leave it out.");
        RuleFor(body => body.BillingAccount).Must(choice => choice is null or "new" or "existing").WithErrorCode("billing-account-invalid")
            .WithMessage("billingAccount is 'new' or 'existing'.");
    }
}

internal static class StartRegistrationEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/registrations", async (
            StartRegistrationBody body,
            IValidator<StartRegistrationBody> validator,
            IPasswordHasher<ConsoleUser> hasher,
            IBillingCenter billingCenter,
            Deployment deployment,
            IMediator mediator,
            CancellationToken ct) =>
        {
            validator.OrRefuse(body);
            var choice = body.BillingAccount == "existing" ? BillingAccountChoice.Existing : BillingAccountChoice.New;
            var view = await mediator.Send(
                new StartRegistration(
                    RegistrationId.Of(RegistrationId.Prefix + RandomNumberGenerator.GetHexString(32, lowercase: true)),
                    body.Username!,
                    hasher.HashPassword(new(), body.Password!),
                    body.Email!,
                    Inputs.E164(Inputs.Given(body.Phone)),
                    choice,
                    choice is BillingAccountChoice.New && await IsTakenAsync(billingCenter, deployment.Site, body.Username!, ct),
                    EmailCodes.Make()),
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

    private static async Task<bool> IsTakenAsync(IBillingCenter billingCenter, SiteCode site, string username, CancellationToken ct)
    {
        try
        {
            return (await billingCenter.AskAsync<CheckBillingUsername, BillingUsernameAvailability>(new(site, username), ct)).Taken;
        }
        catch (PeerUnreachableException)
        {
            // Nobody is kept waiting for that: step 3 asks again, atomically.
            return false;
        }
    }
}
