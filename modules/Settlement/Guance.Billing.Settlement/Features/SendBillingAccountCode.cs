using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Tables;
using Npgsql;

namespace Guance.Billing.Settlement.Features;

/// <summary>Nothing in the answer tells whether the account exists, or whether a mail goes out this time (rules §2).</summary>
internal sealed class SendBillingAccountCodeHandler(SettlementDbContext tables, UnitOfWork work, Secrets secrets, IMailbox mailbox, TimeProvider clock)
    : ICommandHandler<SendBillingAccountCode, BillingAccountCodeSent>
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(60);
    private const int TriesMax = 5;

    public async Task<BillingAccountCodeSent> Handle(SendBillingAccountCode request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var answer = new BillingAccountCodeSent(now + Lifetime);
        var user = await tables.UserNamedAsync(request.BillingUsername, cancellationToken);
        if (user is null)
        {
            return answer;
        }

        // One request at a time for each registration and account, so that two at once mail one code.
        await using (var only = new NpgsqlCommand("select pg_advisory_xact_lock($1)", work.Connection, work.Transaction))
        {
            only.Parameters.Add(new() { Value = Ids.LockKey("attach-code", request.RegistrationId.Value, user.AccountId) });
            await only.ExecuteNonQueryAsync(cancellationToken);
        }

        var known = await tables.AttachCodes.FindAsync([request.RegistrationId.Value, user.AccountId], cancellationToken);
        // Microseconds are what the table keeps.
        var requestedAt = new DateTimeOffset(request.RequestedAt.UtcTicks / 10 * 10, TimeSpan.Zero);
        if (known is not null && (requestedAt <= known.RequestedAt || now < known.SentAt + ResendAfter))
        {
            return answer;
        }

        var code = await secrets.CodeAsync([request.RegistrationId.Value, user.AccountId, requestedAt.ToString("O")], cancellationToken);
        var hash = await secrets.HashAsync([request.RegistrationId.Value, user.AccountId, code], cancellationToken);
        if (known is null)
        {
            tables.AttachCodes.Add(new()
            {
                RegistrationId = request.RegistrationId.Value,
                AccountId = user.AccountId,
                CodeHash = hash,
                RequestedAt = requestedAt,
                SentAt = now,
                ExpiresAt = now + Lifetime,
                TriesLeft = TriesMax,
            });
        }
        else
        {
            (known.CodeHash, known.RequestedAt, known.SentAt, known.ExpiresAt, known.TriesLeft, known.UsedAt) = (hash, requestedAt, now, now + Lifetime, TriesMax, null);
        }

        await mailbox.QueueAsync([Mails.AttachCode(request.RegistrationId, BillingAccountId.Of(user.AccountId), requestedAt, user.Email, code)], cancellationToken);
        return answer;
    }
}
