using System.Runtime.CompilerServices;
using Guance.Billing.Platform;
using Guance.Billing.Settlement.Contracts;
using Npgsql;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>Reads an account's journal by dates of the billing time zone, a row at a time.</summary>
internal sealed class JournalReader(NpgsqlDataSource dataSource, BillingDays days, Deployment deployment)
{
    /// <param name="account">Whose.</param>
    /// <param name="from">The first date; null from the beginning.</param>
    /// <param name="to">The last date; null to the end.</param>
    /// <param name="newestFirst">In this order; else oldest first.</param>
    /// <param name="after">Only what follows this entry in that order; null from the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    public async IAsyncEnumerable<JournalRow> ReadAsync(
        BillingAccountId account, DateOnly? from, DateOnly? to, bool newestFirst, long? after, long limit, [EnumeratorCancellation] CancellationToken ct)
    {
        // Entries of an account never go back in time, so that a page begins where the last one ended, however deep it is.
        await using var read = dataSource.CreateCommand(
            $"""
            select seq, at, kind, reference, day, ledgers, amounts, cash_after
            from settlement.journal_entry
            where account_id = $1 and at >= $2 and at < $3
              and {(newestFirst
                ? "seq < $4 and at <= coalesce((select at from settlement.journal_entry where account_id = $1 and seq = $4), 'infinity')"
                : "seq > $4 and at >= coalesce((select at from settlement.journal_entry where account_id = $1 and seq = $4), '-infinity')")}
            order by {(newestFirst ? "at desc, seq desc" : "at, seq")} limit $5
            """);
        read.Parameters.Add(new() { Value = account.Value });
        read.Parameters.Add(new() { Value = from is { } first ? days.Begin(first) : DateTimeOffset.UnixEpoch });
        read.Parameters.Add(new() { Value = to is { } last && last < DateOnly.MaxValue ? days.End(last) : DateTimeOffset.MaxValue });
        read.Parameters.Add(new() { Value = after ?? (newestFirst ? long.MaxValue : 0) });
        read.Parameters.Add(new() { Value = limit });
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var at = rows.GetFieldValue<DateTimeOffset>(1);
            yield return new(
                rows.GetInt64(0), at, days.Of(at), rows.GetString(2), rows.GetString(3),
                await rows.IsDBNullAsync(4, ct) ? null : rows.GetFieldValue<DateOnly>(4),
                [.. rows.GetFieldValue<string[]>(5).Zip(rows.GetFieldValue<decimal[]>(6), (ledger, amount) => new LedgerAmount(ledger, new(amount, deployment.Currency)))],
                new(rows.GetDecimal(7), deployment.Currency));
        }
    }
}
