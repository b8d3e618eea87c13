using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Tables;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Settlement.Features;

internal sealed class ChangePasswordHandler(SettlementDbContext tables, IPasswordHasher<BillingUser> hasher, IMailbox mailbox, TimeProvider clock) : ICommandHandler<ChangePassword, bool>
{
    public async Task<bool> Handle(ChangePassword request, CancellationToken cancellationToken)
    {
        if (!PasswordRule.IsMetBy(request.NewPassword))
        {
            throw BillingRefusal.InvalidField("newPassword", "password-invalid", PasswordRule.Sentence);
        }

        if (string.Equals(request.NewPassword, request.Password, StringComparison.Ordinal))
        {
            throw BillingRefusal.InvalidField("newPassword", "password-unchanged", "Choose a password that differs from the one until now.");
        }

        var now = clock.GetUtcNow();
        var user = await tables.HoldUserAsync(request.Account.Value, cancellationToken)
            ?? throw BillingRefusal.NotFound("billing-account-unknown", "There is no such billing account. Sign in again.");
        if (!user.NoteTry(hasher.VerifyHashedPassword(user, user.PasswordHash, request.Password) is not PasswordVerificationResult.Failed, now))
        {
            return false;
        }

        user.PasswordHash = hasher.HashPassword(user, request.NewPassword);
        await mailbox.QueueAsync([Mails.PasswordChanged(request.Account, now, user.Email)], cancellationToken);
        return true;
    }
}

internal static class ChangePasswordEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPut("/api/billing-account/password", async (Body body, IMediator mediator, ICallers callers, IUserSessions sessions, CancellationToken ct) =>
        {
            var caller = callers.Current;
            if (!await mediator.Send(new ChangePassword(BillingAccountId.Of(caller.Id), body.Password ?? "", body.NewPassword ?? ""), ct))
            {
                throw PasswordRule.Wrong();
            }

            // All sessions have ended; whoever changed it goes on.
            await sessions.SignInAsync(CallerKind.BillingUser, caller.Id, caller.Name);
            return TypedResults.NoContent();
        })
        .WithSummary("Change the password of the signed-in billing account; its other sessions end")
        .ForBillingUsers()
        .GuessedAt()
        .Refuses("password-invalid", "password-unchanged", "password-wrong", "billing-account-unknown");

    internal sealed record Body(string? Password, string? NewPassword);
}

/// <summary>A session is good as long as the password that it was begun with.</summary>
internal sealed class BillingSessionStamps(SettlementDbContext tables) : ISessionStamps
{
    public async Task<string?> StampAsync(CallerKind kind, string id, CancellationToken cancellationToken) => kind is not CallerKind.BillingUser
        ? null
        // Each request with a cookie asks: one column of one row.
        : await tables.BillingUsers.Where(user => user.AccountId == id).Select(user => user.PasswordHash).SingleOrDefaultAsync(cancellationToken) is { } hash
        ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(hash)))[..16]
        : "";
}
