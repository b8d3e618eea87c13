using Npgsql;

namespace Guance.Billing.Settlement;

/// <summary>
/// Checks the code by which a registration attaches a billing account. A wrong try is counted at once and for good, on a connection of
/// its own, since the command that makes it is refused and undone; row by row, so that guesses sent at the same time don't get more.
/// </summary>
internal sealed class AttachCodes(NpgsqlDataSource dataSource, Secrets secrets, TimeProvider clock)
{
    /// <exception cref="BillingRefusal"><c>billing-code-wrong</c>; <c>billing-code-expired</c>: too old, used, or tried too often.</exception>
    public async Task CheckAsync(RegistrationId registration, string accountId, string code, CancellationToken ct)
    {
        var hash = await secrets.HashAsync([registration.Value, accountId, code.Trim()], ct);
        await using var check = dataSource.CreateCommand(
            """
            update settlement.attach_code set tries_left = tries_left - case when code_hash = $3 then 0 else 1 end
            where registration_id = $1 and account_id = $2 and tries_left > 0 and expires_at > $4 and used_at is null
            returning code_hash = $3
            """);
        check.Parameters.Add(new() { Value = registration.Value });
        check.Parameters.Add(new() { Value = accountId });
        check.Parameters.Add(new() { Value = hash });
        check.Parameters.Add(new() { Value = clock.GetUtcNow() });
        switch (await check.ExecuteScalarAsync(ct))
        {
            case true:
                return;
            case false:
                throw Wrong();
            default:
                throw BillingRefusal.Unprocessable("billing-code-expired",
                    "This code can no longer be used: it is too old, was used already, or was tried too often. Ask for a new code.");
        }
    }

    /// <summary>Also what is said of an account that does not exist.</summary>
    public static BillingRefusal Wrong() =>
        BillingRefusal.Unprocessable("billing-code-wrong", "The username and the code don't belong together. Check both, or ask for a new code.");
}
