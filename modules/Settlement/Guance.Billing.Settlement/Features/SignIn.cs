using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

/// <summary>Counts a try to sign in; answers whether it may go on. Five wrong passwords block the account for 15 minutes.</summary>
internal sealed record NoteSignIn(string AccountId, bool PasswordIsRight) : ICommand<bool>;

internal sealed class NoteSignInHandler(SettlementDbContext tables, TimeProvider clock) : ICommandHandler<NoteSignIn, bool>
{
    public async Task<bool> Handle(NoteSignIn request, CancellationToken cancellationToken) =>
        (await tables.HoldUserAsync(request.AccountId, cancellationToken))!.NoteTry(request.PasswordIsRight, clock.GetUtcNow());
}

internal static class SignInEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/api/session", async (Body body, SignIns signIns, CancellationToken ct) => TypedResults.Ok(await signIns.SignInAsync(body.Username, body.Password, ct)))
            .WithSummary("Sign in to a billing account by cookie")
            .ForAnyone()
            .GuessedAt()
            .Refuses("sign-in-failed");

        // The same for the form of the page /sign-in, which is shown again where it failed.
        endpoints.MapPost("/sign-in", async ([FromForm] string? username, [FromForm] string? password, [FromForm] string? back, SignIns signIns, CancellationToken ct) =>
            {
                try
                {
                    await signIns.SignInAsync(username, password, ct);
                    return TypedResults.LocalRedirect(OwnPath.Of(back));
                }
                catch (BillingRefusal refusal)
                {
                    return TypedResults.LocalRedirect($"/sign-in?refused={refusal.Code}&username={Uri.EscapeDataString(username ?? "")}&back={Uri.EscapeDataString(OwnPath.Of(back))}");
                }
            })
            .ForAnyone()
            .GuessedAt()
            .ExcludeFromDescription();
    }

    internal sealed record Body(string? Username, string? Password);
}

/// <summary>Signs people in to billing accounts.</summary>
internal sealed class SignIns(SettlementDbContext tables, IPasswordHasher<BillingUser> hasher, UnknownUser unknown, IUserSessions sessions, IMediator mediator)
{
    /// <exception cref="BillingRefusal"><c>sign-in-failed</c></exception>
    public async Task<SignedIn> SignInAsync(string? username, string? password, CancellationToken ct)
    {
        var user = await tables.UserNamedAsync(username ?? "", ct);
        // Whether the user exists must not be seen from the time it takes, either.
        var right = hasher.VerifyHashedPassword(user ?? unknown.User, (user ?? unknown.User).PasswordHash, password ?? "") is not PasswordVerificationResult.Failed;
        if (user is null || !await mediator.Send(new NoteSignIn(user.AccountId, right), ct))
        {
            throw new BillingRefusal(RefusalKind.Unauthenticated, "sign-in-failed",
                "Username and password don't belong together. After five wrong passwords an account waits 15 minutes.");
        }

        await sessions.SignInAsync(CallerKind.BillingUser, user.AccountId, user.Username);
        return new(BillingAccountId.Of(user.AccountId), user.Username);
    }
}

/// <summary>Who has signed in.</summary>
internal sealed record SignedIn(BillingAccountId BillingAccountId, string Username);

/// <summary>Somebody whose password nobody knows: what a password is checked against when there is no such user.</summary>
internal sealed class UnknownUser(IPasswordHasher<BillingUser> hasher)
{
    public BillingUser User { get; } = With(hasher);

    private static BillingUser With(IPasswordHasher<BillingUser> hasher)
    {
        var nobody = new BillingUser
        {
            AccountId = "", Username = "", NormalizedUsername = "", PasswordHash = "", Email = "", CompanyName = "", CreatedAt = default,
        };
        nobody.PasswordHash = hasher.HashPassword(nobody, "nobody's password");
        return nobody;
    }
}
