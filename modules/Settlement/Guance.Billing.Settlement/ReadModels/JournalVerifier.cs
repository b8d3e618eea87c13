using System.Data;
using Guance.Billing.Settlement.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>A place where a journal is not what was once written.</summary>
internal sealed record JournalBreak(string AccountId, long Seq, string What);

internal sealed record JournalVerification(long Entries, IReadOnlyList<JournalBreak> Breaks);

/// <summary>
/// Reckons the chains of journals again, streamed entry by entry in one snapshot, and compares their ends with the wallets and the seals. A
/// changed, missing or inserted entry shows where it stands; after it, the chain is taken up from what is kept.
/// </summary>
internal sealed class JournalVerifier(NpgsqlDataSource dataSource)
{
    private const int BreaksMax = 1_000;

    /// <summary>One account's journal, or everybody's: from its beginning, or from the last entry that was sealed before a day, which is taken for right.</summary>
    public async Task<JournalVerification> VerifyAsync(BillingAccountId? account, DateOnly? sealedBefore, CancellationToken ct)
    {
        await using var connection = await dataSource.OpenConnectionAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var breaks = new List<JournalBreak>();
        var entries = await ChainsAsync(connection, account, sealedBefore, breaks, ct);
        await EndsAsync(connection, account, breaks, ct);
        return new(entries, breaks);
    }

    private static async Task<long> ChainsAsync(
        NpgsqlConnection connection, BillingAccountId? account, DateOnly? sealedBefore, List<JournalBreak> breaks, CancellationToken ct)
    {
        await using var read = Command(connection, account,
            """
            select account_id, seq, at, kind, reference, day, idempotency_key, ledgers, amounts, cash_after, previous_hash, hash
            from settlement.journal_entry e
            where ($1 = '' or account_id = $1)
                and ($2::date is null or seq >= coalesce((select max(s.seq) from settlement.journal_seal s where s.account_id = e.account_id and s.day < $2), 0))
            order by account_id, seq
            """);
        read.Parameters.Add(new() { Value = (object?)sealedBefore ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Date });
        await using var rows = await read.ExecuteReaderAsync(ct);
        var (entries, of, seq, cash, hash) = (0L, "", 0L, 0m, JournalEntry.NoHash);
        while (await rows.ReadAsync(ct))
        {
            entries++;
            var owner = rows.GetString(0);
            if (owner != of)
            {
                (of, seq, cash, hash) = (owner, 0, 0, JournalEntry.NoHash);
                if (sealedBefore is not null && rows.GetInt64(1) is > 1 and var anchor)
                {
                    (seq, cash, hash) = (anchor, rows.GetDecimal(9), rows.GetFieldValue<byte[]>(11));
                    continue;
                }
            }

            var (number, at, kind, reference) = (rows.GetInt64(1), rows.GetFieldValue<DateTimeOffset>(2), rows.GetString(3), rows.GetString(4));
            var day = await rows.IsDBNullAsync(5, ct) ? (DateOnly?)null : rows.GetFieldValue<DateOnly>(5);
            var key = await rows.IsDBNullAsync(6, ct) ? null : rows.GetString(6);
            var postings = rows.GetFieldValue<string[]>(7).Zip(rows.GetFieldValue<decimal[]>(8), (ledger, amount) => new Posting(ledger, amount)).ToArray();
            var (cashAfter, previous, kept) = (rows.GetDecimal(9), rows.GetFieldValue<byte[]>(10), rows.GetFieldValue<byte[]>(11));
            cash += postings.Where(posting => posting.Ledger == Ledgers.Cash).Sum(posting => posting.Amount);
            var what = number != seq + 1 ? $"Entries {seq + 1} to {number - 1} are missing."
                : postings.Sum(posting => posting.Amount) != 0 ? "The entry does not sum to zero."
                : !previous.AsSpan().SequenceEqual(hash) ? "The entry does not follow from the one before it."
                : !new JournalEntry(owner, number, at, new(kind, reference, day, key, postings), cashAfter, previous).Hash.AsSpan().SequenceEqual(kept) ? "The entry is not what was written: its hash differs."
                : cash != cashAfter ? $"The cash afterwards is {cashAfter} and should be {cash}."
                : null;
            if (what is not null && breaks.Count < BreaksMax)
            {
                breaks.Add(new(owner, number, what));
            }

            (seq, cash, hash) = (number, cashAfter, kept);
        }

        return entries;
    }

    private static async Task EndsAsync(NpgsqlConnection connection, BillingAccountId? account, List<JournalBreak> breaks, CancellationToken ct)
    {
        await using var read = Command(connection, account,
            $"""
            select w.account_id, w.last_seq, 'The wallet and the last entry of the journal differ.'
            from settlement.wallet w
            left join lateral (select seq, hash, cash_after from settlement.journal_entry e where e.account_id = w.account_id order by seq desc limit 1) e on true
            where ($1 = '' or w.account_id = $1) and (coalesce(e.seq, 0) <> w.last_seq or coalesce(e.cash_after, 0) <> w.cash or (e.hash <> w.last_hash))
            union all
            select s.account_id, s.seq, 'The entry is not the one that was sealed for ' || s.day || '.'
            from settlement.journal_seal s left join settlement.journal_entry e on e.account_id = s.account_id and e.seq = s.seq
            where ($1 = '' or s.account_id = $1) and e.hash is distinct from s.hash
            order by 1, 2, 3 limit {BreaksMax}
            """);
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            breaks.Add(new(rows.GetString(0), rows.GetInt64(1), rows.GetString(2)));
        }
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, BillingAccountId? account, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = account?.Value ?? "" });
        return command;
    }
}
