using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Registration.Contracts;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Registration.Features;

/// <summary>
/// Try to sign in to a console account. A failure is an answer, since it must stay counted: five lock the account for 15 minutes, in which
/// the right password fails as well.
/// </summary>
internal sealed record SignIn(string Username, string Password) : ICommand<SignInTried>;

/// <summary>Who signed in; null if nobody did, and nothing says why.</summary>
internal sealed record SignInTried(string? UserId, string? Username);

internal sealed class SignInHandler(ConsoleUsers users, IPasswordHasher<ConsoleUser> hasher, TimeProvider clock) : ICommandHandler<SignIn, SignInTried>
{
    private const int FailuresMax = 5;
    private static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(15);
    private static readonly SignInTried Failed = new(null, null);

    public async Task<SignInTried> Handle(SignIn command, CancellationToken ct)
    {
        // The clock is the deployment's own, which Identity's UserManager does not know; the columns and their meaning are Identity's.
        var now = clock.GetUtcNow();
        var user = await users.LockAsync(command.Username, ct);
        if (user is null)
        {
            // As slow as a wrong password, so that usernames cannot be found out.
            hasher.HashPassword(new(), command.Password);
            return Failed;
        }

        var result = hasher.VerifyHashedPassword(user, user.PasswordHash ?? "", command.Password);
        if (user.LockoutEnd > now)
        {
            return Failed;
        }

        if (result is PasswordVerificationResult.Failed)
        {
            user.AccessFailedCount++;
            if (user.AccessFailedCount >= FailuresMax)
            {
                (user.AccessFailedCount, user.LockoutEnd) = (0, now + LockedFor);
            }

            return Failed;
        }

        (user.AccessFailedCount, user.LockoutEnd) = (0, null);
        if (result is PasswordVerificationResult.SuccessRehashNeeded)
        {
            user.PasswordHash = hasher.HashPassword(user, command.Password);
        }

        return new(user.Id, user.UserName);
    }
}

internal sealed record SignInBody(string? Username, string? Password);

/// <summary>Who is signed in.</summary>
internal sealed record SessionView(string UserId, string Username);

/// <summary>Signs people in to console accounts.</summary>
internal sealed class SignIns(IUserSessions sessions, IMediator mediator)
{
    /// <exception cref="BillingRefusal"><c>sign-in-failed</c>.</exception>
    public async Task<SessionView> SignInAsync(string? username, string? password, CancellationToken ct)
    {
        // Longer than any password or username is none, and hashing it would be work for nothing.
        var tried = username is { Length: <= 64 } && password is { Length: <= 32 } && Inputs.IsPlain(username)
            ? await mediator.Send(new SignIn(username, password), ct)
            : new(null, null);
        if (tried is not { UserId: { } id, Username: { } name })
        {
            throw Refuse.SignInFailed();
        }

        await sessions.SignInAsync(CallerKind.ConsoleUser, id, name);
        return new(id, name);
    }
}

internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapPost("/api/session", async (SignInBody body, SignIns signIns, CancellationToken ct) =>
                TypedResults.Ok(await signIns.SignInAsync(body.Username, body.Password, ct)))
            .ForAnyone()
            .GuessedAt()
            .Refuses(Refuse.SignInFailedCode)
            .WithSummary("Sign in to a console account, by cookie");
        // The same for the form of the page /sign-in, which is shown again where it failed.
        endpoints
            .MapPost("/sign-in", async (
                [FromForm] string? username, [FromForm] string? password, [FromForm] string? back, SignIns signIns, IMediator mediator, CancellationToken ct) =>
            {
                try
                {
                    var session = await signIns.SignInAsync(username, password, ct);
                    // Who stopped on the way has no workspace yet, so nothing else to go to.
                    var unfinished = await mediator.Send(new ListRegistrations(session.UserId), ct);
                    return TypedResults.LocalRedirect(unfinished.Items is [var registration, ..] ? $"/register/{registration.Id}" : OwnPath.Of(back));
                }
                catch (BillingRefusal refusal)
                {
                    return TypedResults.LocalRedirect(
                        $"/sign-in?refused={refusal.Code}&username={Uri.EscapeDataString(username ?? "")}&back={Uri.EscapeDataString(OwnPath.Of(back))}");
                }
            })
            .ForAnyone()
            .GuessedAt()
            .ExcludeFromDescription();
        endpoints
            .MapDelete("/api/session", async (IUserSessions sessions) =>
            {
                await sessions.SignOutAsync();
                return TypedResults.NoContent();
            })
            .ForAnyone()
            .WithSummary("Sign out");
        endpoints
            .MapGet("/api/session", (ICallers callers) => TypedResults.Ok(new SessionView(callers.Current.Id, callers.Current.Name)))
            .ForConsoleUsers()
            .WithSummary("Who is signed in");
    }
}
