using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Tables;
using Marten;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// Next batch of what the clock of arrears has to do (rules §8): facts and mails of at most <see cref="Batches.Size"/> accounts, locks of at
/// most as many workspaces; answers whether there is more to do. An account's fact of its lock comes once no workspace of it is left, so
/// each batch stands by itself.
/// </summary>
internal sealed record ContinueArrears : ICommand<bool>;

internal sealed class ContinueArrearsHandler(
    IDocumentSession session, UnitOfWork work, SettlementDbContext tables, IMailbox mailbox, ArrearsClearing clearing, Batches batches, Deployment deployment, TimeProvider clock)
    : ICommandHandler<ContinueArrears, bool>
{
    public async Task<bool> Handle(ContinueArrears request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var due = await HoldDueAsync(now, cancellationToken);
        if (due.Count == 0)
        {
            return false;
        }

        var accounts = (await session.LoadManyAsync<BillingAccount>(cancellationToken, due.Select(wallet => wallet.Account))).ToDictionary(account => account.Id, StringComparer.Ordinal);
        var decided = due.Where(wallet => accounts.ContainsKey(wallet.Account)).ToDictionary(
            wallet => wallet.Account, wallet => ArrearsDecider.Due(accounts[wallet.Account], wallet.Since, wallet.Owed, now), StringComparer.Ordinal);
        await clearing.LiftAsync([.. With<ArrearsCleared>(decided)], "system", now, cancellationToken);
        var unlocked = await LockAsync([.. With<ArrearsLocked>(decided)], now, cancellationToken);
        foreach (var account in unlocked)
        {
            decided[account] = [.. decided[account].Where(e => e is not ArrearsLocked)];
        }

        foreach (var (account, events) in decided)
        {
            session.AppendTo(accounts[account], events);
        }

        await MailAsync(decided, cancellationToken);
        // What was cleared may have begun anew, and what is not locked yet goes on: both stay due.
        var waiting = due.Where(wallet => unlocked.Contains(wallet.Account)
            || (wallet.Since is not null && decided.TryGetValue(wallet.Account, out var events) && events.Any(e => e is ArrearsCleared))).ToHashSet();
        await SetNextAsync([.. due.Where(wallet => !waiting.Contains(wallet))], now, cancellationToken);
        return waiting.Count > 0 || due.Count == batches.Size;
    }

    /// <summary>Locks a batch of the workspaces that these accounts pay for; answers which accounts may have more.</summary>
    private async Task<IReadOnlySet<string>> LockAsync(string[] accounts, DateTimeOffset now, CancellationToken ct)
    {
        var found = accounts.Length == 0 ? [] : await session.QueryAsync<WorkspaceSettlement>(
            $$"""
            where account_key = any(?) and data ->> 'methodKey' = ? and data ->> 'dissolvedAt' is null and not data @> '{"reasons": ["arrears"]}'
            order by account_key collate "C", id limit {{batches.Size + 1}}
            """,
            ct, accounts, SettlementMethod.BillingCenter.Value);
        foreach (var workspace in found.Take(batches.Size))
        {
            session.AppendTo(workspace, WorkspaceSettlementDecider.Lock(workspace, LockReason.Arrears, now, "system", null));
        }

        return found.Count <= batches.Size
            ? new HashSet<string>()
            : accounts.Where(account => string.CompareOrdinal(account, found[^1].AccountKey) >= 0).ToHashSet(StringComparer.Ordinal);
    }

    private async Task MailAsync(IReadOnlyDictionary<string, IReadOnlyList<object>> decided, CancellationToken ct)
    {
        var addresses = await tables.AddressesAsync([.. decided.Where(pair => pair.Value.Count > 0).Select(pair => pair.Key)], ct);
        await mailbox.QueueAsync(
            [.. from pair in decided
                where addresses.ContainsKey(pair.Key)
                let account = BillingAccountId.Of(pair.Key)
                let to = addresses[pair.Key]
                from mail in pair.Value.Select(e => e switch
                {
                    ArrearsBegan began => Mails.ArrearsBegan(account, began.Since, began.Owed, to, deployment.PublicUrl),
                    ArrearsReminded reminded => Mails.ArrearsReminder(account, reminded.Since, reminded.Owed, to, deployment.PublicUrl),
                    ArrearsLocked locked => Mails.ArrearsLocked(account, locked.Since, locked.Owed, to, deployment.PublicUrl),
                    _ => null,
                }).OfType<Mail>()
                select mail],
            ct);
    }

    private async Task<IReadOnlyList<DueWallet>> HoldDueAsync(DateTimeOffset now, CancellationToken ct)
    {
        await using var hold = work.Command(
            """select account_id, arrears_since, cash from settlement.wallet where arrears_due_at <= $1 order by account_id collate "C" limit $2 for update""",
            now, batches.Size);
        await using var rows = await hold.ExecuteReaderAsync(ct);
        var due = new List<DueWallet>();
        while (await rows.ReadAsync(ct))
        {
            var since = await rows.IsDBNullAsync(1, ct) ? (DateTimeOffset?)null : rows.GetFieldValue<DateTimeOffset>(1);
            due.Add(new(rows.GetString(0), since, new(-rows.GetDecimal(2), deployment.Currency)));
        }

        return due;
    }

    private async Task SetNextAsync(IReadOnlyList<DueWallet> done, DateTimeOffset now, CancellationToken ct)
    {
        await using var set = work.Command(
            """
            update settlement.wallet w set arrears_due_at = next.at
            from unnest($1::text[], $2::timestamptz[]) as next (account, at) where w.account_id = next.account
            """,
            done.Select(wallet => wallet.Account).ToArray(), done.Select(wallet => ArrearsDecider.NextAt(wallet.Since, now)).ToArray());
        await set.ExecuteNonQueryAsync(ct);
    }

    private static IEnumerable<string> With<TEvent>(IReadOnlyDictionary<string, IReadOnlyList<object>> decided) =>
        decided.Where(pair => pair.Value.Any(e => e is TEvent)).Select(pair => pair.Key);

    private sealed record DueWallet(string Account, DateTimeOffset? Since, Money Owed);
}
