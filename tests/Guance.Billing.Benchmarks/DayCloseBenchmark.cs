using System.Diagnostics;
using System.Globalization;
using Guance.Billing.Settlement;
using Guance.Billing.Settlement.Jobs;
using Medallion.Threading.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Benchmarks;

/// <summary>
/// Closing a day for workspaces that used 12 items in each of its 24 hours, ten to a billing account: rated, billed and paid from the wallets. Baseline: one statement that aggregates the same cells, prices them and inserts as many lines into a table like the bills' lines.
/// The number of workspaces grows from day to day in one database, so that all but the new ones have balances and residues already, as in a running business.
/// A second row tells how long it took until the day was also sealed and checked, which rates it once more; a third how much
/// was in use at most after any of the collections made every half a second meanwhile, beside the same of the smallest size.
/// </summary>
internal sealed class DayCloseBenchmark : IBenchmark
{
    private const int Items = 12;
    private const int Hours = 24;
    private static readonly int[] Sizes = [10_000, 30_000, 100_000];
    private const int WarmUp = 1_000;

    public string Name => "day-close";

    public async Task<IReadOnlyList<BenchmarkRow>> RunAsync(Action<string> progress, CancellationToken ct)
    {
        await using var center = await BenchCenter.StartAsync();
        // The timetable would close the same day beside us.
        await using var held = await new PostgresDistributedLock(new PostgresAdvisoryLockKey($"tick:{CloseDaysJob.Id}", allowHashing: true), center.Source).AcquireAsync(cancellationToken: ct);
        var sample = await center.BindAsync();
        await center.ExecuteAsync("create table raw_line (like settlement.bill_line including all)", ct);
        var day = center.Day0;
        var rows = new List<BenchmarkRow>();
        double? smallestMegabytes = null;
        var had = 0;
        foreach (var size in Sizes.Prepend(WarmUp))
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"{size:#,##0} workspaces, {size * Items * Hours:#,##0} cells"));
            await AddWorkspacesAsync(center, sample, had, size, ct);
            await UseAsync(center, day, size, ct);
            var raw = await RawAsync(center, day, ct);
            center.Deployment.Clock.Advance(center.Days.End(day).AddHours(1) - center.Deployment.Clock.GetUtcNow());
            var (rated, completed, megabytes) = await CloseAsync(center, day, ct);
            raw = (raw + await RawAsync(center, day, ct)) / 2;
            progress(string.Create(CultureInfo.InvariantCulture, $"rated in {rated.TotalSeconds:0.0} s, completed in {completed.TotalSeconds:0.0} s, bare in {raw.TotalSeconds:0.0} s"));
            if (size != WarmUp)
            {
                smallestMegabytes ??= megabytes;
                rows.Add(new(Name, size, Math.Round(rated.TotalSeconds, 2), "s", Math.Round(raw.TotalSeconds, 2), Math.Round(rated / raw, 2)));
                rows.Add(new($"{Name}-and-checks", size, Math.Round(completed.TotalSeconds, 2), "s", Math.Round(raw.TotalSeconds, 2), Math.Round(completed / raw, 2)));
                rows.Add(new($"{Name}-memory", size, Math.Round(megabytes), "MB", Math.Round(smallestMegabytes.Value), Math.Round(megabytes / smallestMegabytes.Value, 2)));
            }

            (had, day) = (size, day.AddDays(1));
        }

        return rows;
    }

    /// <summary>Like the sample in all but name and account.</summary>
    internal static Task<int> AddWorkspacesAsync(BenchCenter center, WorkspaceId sample, int from, int to, CancellationToken ct) => center.ExecuteAsync(
        """
        insert into settlement.mt_doc_workspacesettlement
        select made.* from (
            select 'wksp_' || substr(ids.uuid, 1, 32) as id, 'acct_' || md5('account ' || n / 10) as account
            from generate_series($2 + 1, $3) n cross join lateral (select '019ac000' || lpad(to_hex(n), 8, '0') || md5(n::text) as uuid) ids) ids
        cross join (select * from settlement.mt_doc_workspacesettlement where id = $1) sample
        cross join lateral jsonb_populate_record(sample::settlement.mt_doc_workspacesettlement, jsonb_build_object(
            'id', ids.id, 'account_key', ids.account, 'data', replace(replace(sample.data::text, sample.id, ids.id), sample.account_key, ids.account)::jsonb)) made
        """,
        ct, sample.Value, from, to);

    internal static async Task UseAsync(BenchCenter center, DateOnly day, int workspaces, CancellationToken ct)
    {
        await center.ExecuteAsync(
            $"""
            insert into settlement.usage_hour (day, workspace, item, retention_days, hour, part_from, quantity, told)
            select $1, right(w.id, 32)::uuid, p.item, p.retention_days, $2 + h * interval '1 hour', $2 + h * interval '1 hour', 12.5 + h, 1
            from (select id from settlement.mt_doc_workspacesettlement order by id limit $3) w
            cross join (
                select distinct item, retention_days from settlement.price
                where currency = 'CNY' and region = (select min(region) from settlement.price) order by item, retention_days limit {Items}) p
            cross join generate_series(0, {Hours - 1}) h
            """,
            ct, day, center.Days.Begin(day).UtcDateTime, workspaces);
        // A day is told hour by hour, and autovacuum has been over most of it when it is closed; over a day told at once it would go beside the close.
        await center.ExecuteAsync("vacuum (analyze) settlement.usage_hour, settlement.mt_doc_workspacesettlement", ct);
        await center.ExecuteAsync("checkpoint", ct);
    }

    private static async Task<(TimeSpan Rated, TimeSpan Completed, double Megabytes)> CloseAsync(BenchCenter center, DateOnly day, CancellationToken ct)
    {
        GC.Collect();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var highest = HighestHeapAsync(done.Token);
        await center.Deployment.Services.GetRequiredService<DayCloses>().RunAsync(day, limit: null, ct);
        await done.CancelAsync();
        await using var read = center.Source.CreateCommand("select rated_at - started_at, completed_at - started_at from settlement.day_close where day = $1");
        read.Parameters.Add(new() { Value = day });
        await using var times = await read.ExecuteReaderAsync(ct);
        await times.ReadAsync(ct);
        return (times.GetTimeSpan(0), times.GetTimeSpan(1), await highest / 1e6);
    }

    /// <summary>What garbage there is at some instant says when it was swept last, not what a close needs.</summary>
    private static async Task<long> HighestHeapAsync(CancellationToken until)
    {
        var highest = 0L;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(until))
            {
                GC.Collect();
                var heap = GC.GetGCMemoryInfo(GCKind.FullBlocking);
                highest = Math.Max(highest, heap.HeapSizeBytes - heap.FragmentedBytes);
            }
        }
        catch (OperationCanceledException)
        {
            // The day is closed.
        }

        return highest;
    }

    private static async Task<TimeSpan> RawAsync(BenchCenter center, DateOnly day, CancellationToken ct)
    {
        await center.ExecuteAsync("truncate raw_line", ct);
        var start = Stopwatch.GetTimestamp();
        await center.ExecuteAsync(
            """
            insert into raw_line (
                day, workspace, line_no, account_id, item, retention_days, payer, quantity, share_numerator, share_denominator,
                unit_quantity, price, price_version, exact, carry_in, amount, carry_out)
            select $1, workspace, row_number() over (partition by workspace order by item, retention_days), 'acct_00000000000000000000000000000000', item, retention_days, 'billing-center',
                sum(quantity), 1, 1, 1000, 1.5, 1, sum(quantity) * 0.0015, 0, round(sum(quantity) * 0.0015, 2), sum(quantity) * 0.0015 - round(sum(quantity) * 0.0015, 2)
            from settlement.usage_hour where day = $1 group by workspace, item, retention_days
            """,
            ct, day);
        return Stopwatch.GetElapsedTime(start);
    }
}
