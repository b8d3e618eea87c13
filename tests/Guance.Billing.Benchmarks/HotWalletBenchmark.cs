using System.Diagnostics;
using System.Globalization;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// Bills of 13.40 paid from one wallet, in batches as a day's close pays them, each a chained and balanced entry of the journal, known by its bill. Baseline: the
/// same rows with the same indexes and checks inserted by one statement a batch beside an update of the wallet's row, unhashed and undecided. The two take turns.
/// </summary>
internal sealed class HotWalletBenchmark : IBenchmark
{
    private const int Batch = 2_000;
    private static readonly int[] Sizes = [10_000, 40_000, 160_000];

    public string Name => "hot-wallet";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        await using var center = await BenchCenter.StartAsync();
        var account = Ids.Deterministic<BillingAccountId>("hot");
        await center.ExecuteAsync("create table raw_entry (like settlement.journal_entry including all)", ct);
        var bills = 0;
        for (var n = 0; n < 2; n++)
        {
            await TurnAsync();
        }

        var rows = new List<BenchmarkRow>();
        foreach (var size in Sizes)
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} debits each way"));
            var (own, raw) = (TimeSpan.Zero, TimeSpan.Zero);
            for (var n = 0; n < size / Batch; n++)
            {
                var (o, r) = await TurnAsync();
                (own, raw) = (own + o, raw + r);
            }

            rows.Add(new(Name, size, Math.Round(size / own.TotalSeconds), "debits/s", Math.Round(size / raw.TotalSeconds), Math.Round(raw / own, 2)));
        }

        await CheckAsync(center, account, bills, ct);
        return rows;

        async Task<(TimeSpan Own, TimeSpan Raw)> TurnAsync()
        {
            var batch = Enumerable.Range(bills, Batch).Select(n => new BillToPay(
                account, Ids.Deterministic<WorkspaceId>($"{n}"), center.Day0, [new("billing-center", 13.40m, 0)])).ToArray();
            var references = Array.ConvertAll(batch, bill => bill.Reference);
            bills += Batch;
            var start = Stopwatch.GetTimestamp();
            await PayAsync(center, batch, ct);
            var own = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            await RawAsync(center, account, references, ct);
            return (own, Stopwatch.GetElapsedTime(start));
        }
    }

    private static async Task PayAsync(BenchCenter center, IReadOnlyList<BillToPay> bills, CancellationToken ct)
    {
        await using var scope = center.Deployment.Services.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.BeginAsync(ct);
        await scope.ServiceProvider.GetRequiredService<Wallets>().PayAsync(bills, center.Deployment.Clock.GetUtcNow(), ct);
        await work.CommitAsync(ct);
    }

    private static async Task RawAsync(BenchCenter center, BillingAccountId account, string[] references, CancellationToken ct)
    {
        await using var connection = await center.Source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var batch = new NpgsqlBatch(connection, transaction);
        var update = new NpgsqlBatchCommand("update settlement.wallet set last_at = last_at where account_id = $1");
        update.Parameters.Add(new() { Value = account.Value });
        var insert = new NpgsqlBatchCommand(
            """
            insert into raw_entry (account_id, seq, at, kind, reference, day, idempotency_key, ledgers, amounts, cash_after, previous_hash, hash)
            select $1, last + n, now(), 'usage-charged', r, date '2026-01-01', r, array['cash', 'usage'], array[-13.40, 13.40], (last + n) * -13.40, sha256('x'), sha256('y')
            from unnest($2::text[]) with ordinality as b (r, n), (select coalesce(max(seq), 0) as last from raw_entry where account_id = $1) l
            """);
        insert.Parameters.Add(new() { Value = account.Value });
        insert.Parameters.Add(new() { Value = references });
        batch.BatchCommands.Add(update);
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>None was lost or doubled.</summary>
    private static async Task CheckAsync(BenchCenter center, BillingAccountId account, int bills, CancellationToken ct)
    {
        await using var read = center.Source.CreateCommand(
            "select w.cash, (select count(distinct idempotency_key) from settlement.journal_entry e where e.account_id = w.account_id), w.last_seq from settlement.wallet w where w.account_id = $1");
        read.Parameters.Add(new() { Value = account.Value });
        await using var found = await read.ExecuteReaderAsync(ct);
        await found.ReadAsync(ct);
        if ((found.GetDecimal(0), found.GetInt64(1), found.GetInt64(2)) is var (cash, keys, seq) && (cash, keys, seq) != (bills * -13.40m, bills, bills))
        {
            throw new InvalidOperationException($"{bills} bills were paid, but the journal has {keys} of them in {seq} entries and the wallet {cash}.");
        }
    }
}
