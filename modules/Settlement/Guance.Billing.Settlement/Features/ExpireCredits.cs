using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;

namespace Guance.Billing.Settlement.Features;

/// <summary>Voids what is left on expired vouchers and prepaid cards, at most a batch of them; answers whether there are more.</summary>
internal sealed record ExpireCredits : ICommand<bool>;

internal sealed class ExpireCreditsHandler(UnitOfWork work, Wallets wallets, Batches batches, Deployment deployment, TimeProvider clock) : ICommandHandler<ExpireCredits, bool>
{
    public async Task<bool> Handle(ExpireCredits request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await DueAsync(now, cancellationToken);
        var held = await wallets.HoldAsync([.. due.Distinct().Select(account => (account, (string?)null))], cancellationToken);
        foreach (var wallet in held.Values)
        {
            foreach (var movement in WalletDecider.Expire(wallet.State, deployment.TimeZone, now))
            {
                wallet.Post(movement, now);
            }
        }

        await wallets.SaveAsync([.. held.Values], cancellationToken);
        return due.Count == batches.Size;
    }

    private async Task<IReadOnlyList<string>> DueAsync(DateTimeOffset now, CancellationToken ct)
    {
        await using var read = work.Command(
            """
            (select account_id, expires_at from settlement.voucher where balance > 0 and expires_at <= $1 order by expires_at limit $2)
            union all
            (select account_id, expires_at from settlement.prepaid_card where balance > 0 and expires_at <= $1 order by expires_at limit $2)
            order by expires_at limit $2
            """,
            now, batches.Size);
        await using var rows = await read.ExecuteReaderAsync(ct);
        var due = new List<string>();
        while (await rows.ReadAsync(ct))
        {
            due.Add(rows.GetString(0));
        }

        return due;
    }
}
