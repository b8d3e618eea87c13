using System.Globalization;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Jobs;
using Npgsql;
using NpgsqlTypes;

namespace Guance.Billing.Settlement;

/// <summary>What a bill charges to one payer.</summary>
/// <param name="Payer"><c>billing-center</c>, or the cloud subscription as <c>provider/instanceId</c>.</param>
/// <param name="Eligible">What vouchers may pay.</param>
/// <param name="Excluded">SMS and synthetic tests: vouchers may not (rules §8).</param>
internal sealed record PayerCharge(string Payer, decimal Eligible, decimal Excluded);

/// <summary>The bill of a workspace's day.</summary>
internal sealed record BillToPay(BillingAccountId Account, WorkspaceId Workspace, DateOnly Day, IReadOnlyList<PayerCharge> Charges)
{
    /// <summary>The bill's id, by which the journal knows it.</summary>
    public string Reference => string.Create(CultureInfo.InvariantCulture, $"bill_{Day:yyyyMMdd}_{Workspace.Value.AsSpan(WorkspaceId.Prefix.Length)}");
}

/// <summary>
/// Moves money within the open transaction: holds the wallets (row locks, in order of account), lets <see cref="WalletDecider"/> decide in
/// memory, and writes journal, balances and cloud dues set-based, so that one hot wallet costs a batch as little as many cold ones.
/// Balances change by what the journal's new entries post, and by nothing else.
/// </summary>
internal sealed class Wallets(UnitOfWork work, Deployment deployment, ITicks ticks)
{
    /// <summary>Pays bills, in order of account, day and workspace. A bill that is in the journal already is not paid again.</summary>
    public async Task PayAsync(IReadOnlyList<BillToPay> bills, DateTimeOffset now, CancellationToken ct)
    {
        var ordered = bills
            .OrderBy(bill => bill.Account.Value, StringComparer.Ordinal).ThenBy(bill => bill.Day).ThenBy(bill => bill.Workspace.Value, StringComparer.Ordinal)
            .Select(bill => (Bill: bill, bill.Reference)).ToArray();
        var wallets = await HoldAsync([.. ordered.Select(paid => (paid.Bill.Account.Value, paid.Reference))], ct);
        foreach (var (bill, reference) in ordered)
        {
            var wallet = wallets[bill.Account.Value];
            if (!wallet.Knows(reference)
                && WalletDecider.Pay(wallet.State, reference, bill.Day, bill.Charges.Select(c => new Charge(c.Payer, c.Eligible, c.Excluded)), now) is { } payment)
            {
                wallet.Post(payment, now);
            }
        }

        await SaveAsync([.. wallets.Values], ct);
    }

    /// <summary>One account's wallet, held until the transaction ends; it knows whether the key is in the journal.</summary>
    public async Task<HeldWallet> HoldAsync(BillingAccountId account, string key, CancellationToken ct) =>
        (await HoldAsync([(account.Value, key)], ct))[account.Value];

    /// <summary>The accounts' wallets, held until the transaction ends and made where missing, by account.</summary>
    public async Task<IReadOnlyDictionary<string, HeldWallet>> HoldAsync(IReadOnlyList<(string Account, string? Key)> wanted, CancellationToken ct)
    {
        var held = new Dictionary<string, HeldWallet>(StringComparer.Ordinal);
        var accounts = wanted.Select(pair => pair.Account).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (accounts.Length == 0)
        {
            return held;
        }

        var keyed = wanted.Where(pair => pair.Key is not null).ToArray();
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        Add(batch, "insert into settlement.wallet (account_id, currency) select unnest($1::text[]), $2 on conflict do nothing", accounts, deployment.Currency.Value);
        Add(batch,
            """
            select account_id, cash, last_seq, last_hash, last_at, arrears_since
            from settlement.wallet where account_id = any($1) order by account_id collate "C" for update
            """,
            (object)accounts);
        // Each statement of the batch sees what had been committed when its turn came: these two, what the holders before have written.
        // The limit keeps the last one to index look-ups, however large the journal is.
        Add(batch,
            """
            select account_id, id, case kind when 'ordinary' then 0 else 1 end, balance, expires_at from settlement.voucher where account_id = any($1) and balance > 0
            union all
            select account_id, id, 2, balance, expires_at from settlement.prepaid_card where account_id = any($1) and balance > 0
            """,
            (object)accounts);
        Add(batch,
            """
            select wanted.account, wanted.key
            from unnest($1::text[], $2::text[]) as wanted (account, key),
                lateral (select from settlement.journal_entry e where e.account_id = wanted.account and e.idempotency_key = wanted.key limit 1) known
            """,
            keyed.Select(pair => pair.Account).ToArray(), keyed.Select(pair => pair.Key).ToArray());
        await using var rows = await batch.ExecuteReaderAsync(ct);
        var read = new List<(string Account, decimal Cash, long Seq, byte[] Hash, DateTimeOffset At, DateTimeOffset? Since)>(accounts.Length);
        while (await rows.ReadAsync(ct))
        {
            read.Add((rows.GetString(0), rows.GetDecimal(1), rows.GetInt64(2), rows.GetFieldValue<byte[]>(3), rows.GetFieldValue<DateTimeOffset>(4),
                await rows.IsDBNullAsync(5, ct) ? null : rows.GetFieldValue<DateTimeOffset>(5)));
        }

        await rows.NextResultAsync(ct);
        var credits = new List<(string Account, Credit Credit)>();
        while (await rows.ReadAsync(ct))
        {
            credits.Add((rows.GetString(0), new((CreditKind)rows.GetInt32(2), rows.GetString(1), rows.GetDecimal(3), rows.GetFieldValue<DateTimeOffset>(4))));
        }

        var ofAccount = credits.ToLookup(pair => pair.Account, pair => pair.Credit, StringComparer.Ordinal);
        foreach (var wallet in read)
        {
            held[wallet.Account] = new(wallet.Account, Wallet.Of(wallet.Cash, ofAccount[wallet.Account]), wallet.Seq, wallet.Hash, wallet.At, wallet.Since);
        }

        await rows.NextResultAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            held[rows.GetString(0)].Know(rows.GetString(1));
        }

        return held;
    }

    /// <summary>Writes what was posted to held wallets.</summary>
    public async Task SaveAsync(IReadOnlyList<HeldWallet> held, CancellationToken ct)
    {
        var changed = held.Where(wallet => wallet.Entries.Count > 0).ToArray();
        if (changed.Length == 0)
        {
            return;
        }

        await CopyAsync(changed.SelectMany(wallet => wallet.Entries), ct);
        await using var batch = new NpgsqlBatch(work.Connection, work.Transaction);
        Add(batch,
            """
            update settlement.wallet w set cash = w.cash + new.cash, last_seq = new.seq, last_hash = new.hash, last_at = new.at,
                arrears_since = new.since, arrears_due_at = case when new.since is distinct from w.arrears_since then new.at else w.arrears_due_at end
            from unnest($1::text[], $2::numeric[], $3::bigint[], $4::bytea[], $5::timestamptz[], $6::timestamptz[]) as new (account, cash, seq, hash, at, since)
            where w.account_id = new.account
            """,
            changed.Select(wallet => wallet.Account).ToArray(),
            changed.Select(wallet => wallet.Entries.Sum(entry => entry.Movement.Cash)).ToArray(),
            changed.Select(wallet => wallet.Entries[^1].Seq).ToArray(),
            changed.Select(wallet => wallet.Entries[^1].Hash).ToArray(),
            changed.Select(wallet => wallet.Entries[^1].At).ToArray(),
            changed.Select(wallet => wallet.ArrearsSince).ToArray());
        var sums = changed.SelectMany(wallet => wallet.Entries).SelectMany(entry => entry.Movement.Postings)
            .GroupBy(posting => posting.Ledger, posting => posting.Amount, StringComparer.Ordinal)
            .Select(ledger => (Ledger: ledger.Key, Sum: ledger.Sum())).OrderBy(ledger => ledger.Ledger, StringComparer.Ordinal).ToArray();
        AddSums(Ledgers.VoucherPrefix, "update settlement.voucher v set balance = v.balance + new.sum from unnest($1::text[], $2::numeric[]) as new (id, sum) where v.id = new.id");
        AddSums(Ledgers.CardPrefix, "update settlement.prepaid_card c set balance = c.balance + new.sum from unnest($1::text[], $2::numeric[]) as new (id, sum) where c.id = new.id");
        AddSums(Ledgers.CloudPrefix,
            """
            insert into settlement.cloud_due (payer, total) select new.payer, -new.sum from unnest($1::text[], $2::numeric[]) as new (payer, sum)
            on conflict (payer) do update set total = cloud_due.total + excluded.total
            """);
        await batch.ExecuteNonQueryAsync(ct);
        if (changed.Any(wallet => wallet.ArrearsChanged))
        {
            work.AfterCommit(() => ticks.Poke(ArrearsJob.Id));
        }

        void AddSums(string prefix, string sql)
        {
            var own = sums.Where(ledger => ledger.Ledger.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
            if (own.Length > 0)
            {
                Add(batch, sql, own.Select(ledger => ledger.Ledger[prefix.Length..]).ToArray(), own.Select(ledger => ledger.Sum).ToArray());
            }
        }
    }

    /// <summary>Whether the account's wallet is in arrears.</summary>
    public async Task<bool> IsInArrearsAsync(BillingAccountId account, CancellationToken ct)
    {
        await using var read = work.Command(
            "select exists (select from settlement.wallet where account_id = $1 and arrears_since is not null)",
            account.Value);
        return (bool)(await read.ExecuteScalarAsync(ct))!;
    }

    private async Task CopyAsync(IEnumerable<JournalEntry> entries, CancellationToken ct)
    {
        await using var copy = await work.Connection.BeginBinaryImportAsync(
            """
            copy settlement.journal_entry (account_id, seq, at, kind, reference, day, idempotency_key, ledgers, amounts, cash_after, previous_hash, hash)
            from stdin (format binary)
            """,
            ct);
        foreach (var entry in entries)
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(entry.Account, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(entry.Seq, NpgsqlDbType.Bigint, ct);
            await copy.WriteAsync(entry.At, NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(entry.Movement.Kind, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(entry.Movement.Reference, NpgsqlDbType.Text, ct);
            await (entry.Movement.Day is { } day ? copy.WriteAsync(day, NpgsqlDbType.Date, ct) : copy.WriteNullAsync(ct));
            await (entry.Movement.Key is { } key ? copy.WriteAsync(key, NpgsqlDbType.Text, ct) : copy.WriteNullAsync(ct));
            await copy.WriteAsync(entry.Movement.Postings.Select(posting => posting.Ledger).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, ct);
            await copy.WriteAsync(entry.Movement.Postings.Select(posting => posting.Amount).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Numeric, ct);
            await copy.WriteAsync(entry.CashAfter, NpgsqlDbType.Numeric, ct);
            await copy.WriteAsync(entry.PreviousHash, NpgsqlDbType.Bytea, ct);
            await copy.WriteAsync(entry.Hash, NpgsqlDbType.Bytea, ct);
        }

        await copy.CompleteAsync(ct);
    }

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        batch.BatchCommands.Add(command);
    }
}

/// <summary>A wallet that this transaction holds, with the entries that are to be written.</summary>
internal sealed class HeldWallet(string account, Wallet state, long lastSeq, byte[] lastHash, DateTimeOffset lastAt, DateTimeOffset? arrearsSince)
{
    private readonly List<JournalEntry> entries = [];
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    public string Account => account;

    public Wallet State { get; private set; } = state;

    public IReadOnlyList<JournalEntry> Entries => entries;

    /// <summary>Since when it is in arrears, counting what was posted; null when it is not.</summary>
    public DateTimeOffset? ArrearsSince => State.Cash >= 0 ? null : arrearsSince ?? entries[^1].At;

    public bool ArrearsChanged => ArrearsSince != arrearsSince;

    /// <summary>What was posted has brought it out of arrears.</summary>
    public bool ArrearsCleared => arrearsSince is not null && ArrearsSince is null;

    /// <summary>Whether the key is in the journal.</summary>
    public bool Knows(string key) => known.Contains(key);

    public void Know(string key) => known.Add(key);

    /// <summary>A new voucher or card, whose value is then posted.</summary>
    public void Add(Credit credit) => State = State.With(credit);

    public void Post(Movement movement, DateTimeOffset now)
    {
        var (seq, hash, at) = entries.Count == 0 ? (lastSeq, lastHash, lastAt) : (entries[^1].Seq, entries[^1].Hash, entries[^1].At);
        var instant = JournalEntry.ToMicroseconds(now);
        State = State.After(movement);
        entries.Add(new(account, seq + 1, instant > at ? instant : at, movement, State.Cash, hash));
        if (movement.Key is { } key)
        {
            known.Add(key);
        }
    }
}
