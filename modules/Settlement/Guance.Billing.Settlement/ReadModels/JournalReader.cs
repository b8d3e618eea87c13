using System.Runtime.CompilerServices;
using Guance.Billing.Platform;
using Npgsql;

namespace Guance.Billing.Settlement.ReadModels;

/// <summary>An entry of income and expenditure.</summary>
/// <param name="Seq">Its number in the account's journal.</param>
/// <param name="At">When it was booked.</param>
/// <param name="Date">That instant's date in the billing time zone.</param>
/// <param name="What">What moved money, such as <c>usage-charged</c>.</param>
/// <param name="Reference">The bill, voucher or card; or who gave the cash.</param>
/// <param name="Day">The billing day that it is about.</param>
/// <param name="Amounts">What each ledger gained; together zero.</param>
/// <param name="Cash">The cash afterwards; negative in arrears.</param>
internal sealed record JournalRow(
    long Seq, DateTimeOffset At, DateOnly Date, string What, string Reference, DateOnly? Day, IReadOnlyList<LedgerAmount> Amounts, Money Cash);

internal sealed record LedgerAmount(string Ledger, Money Amount);

/// <summary>Reads an account's journal by dates of the billing time zone, oldest first, a row at a time.</summary>
internal sealed class JournalReader(NpgsqlDataSource dataSource, Deployment deployment)
{
    /// <param name="account">Whose.</param>
    /// <param name="from">The first date; null from the beginning.</param>
    /// <param name="to">The last date; null to the end.</param>
    /// <param name="afterSeq">Only what follows this entry.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels.</param>
    public async IAsyncEnumerable<JournalRow> ReadAsync(
        BillingAccountId account, DateOnly? from, DateOnly? to, long afterSeq, long limit, [EnumeratorCancellation] CancellationToken ct)
    {
        // Entries of an account never go back in time, so that a page begins where the last one ended, however deep it is.
        await using var read = dataSource.CreateCommand(
            """
            select seq, at, kind, reference, day, ledgers, amounts, cash_after
            from settlement.journal_entry
            where account_id = $1 and seq > $4 and at < $3
              and at >= greatest($2, (select at from settlement.journal_entry where account_id = $1 and seq = $4))
            order by at, seq limit $5
            """);
        read.Parameters.Add(new() { Value = account.Value });
        read.Parameters.Add(new() { Value = from is { } first ? StartOf(first) : DateTimeOffset.UnixEpoch });
        read.Parameters.Add(new() { Value = to is { } last && last < DateOnly.MaxValue ? StartOf(last.AddDays(1)) : DateTimeOffset.MaxValue });
        read.Parameters.Add(new() { Value = afterSeq });
        read.Parameters.Add(new() { Value = limit });
        await using var rows = await read.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var at = rows.GetFieldValue<DateTimeOffset>(1);
            yield return new(
                rows.GetInt64(0), at, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, deployment.TimeZone).DateTime), rows.GetString(2), rows.GetString(3),
                await rows.IsDBNullAsync(4, ct) ? null : rows.GetFieldValue<DateOnly>(4),
                [.. rows.GetFieldValue<string[]>(5).Zip(rows.GetFieldValue<decimal[]>(6), (ledger, amount) => new LedgerAmount(ledger, new(amount, deployment.Currency)))],
                new(rows.GetDecimal(7), deployment.Currency));
        }
    }

    private DateTimeOffset StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (deployment.TimeZone.IsInvalidTime(midnight))
        {
            // A zone may skip its midnight when summer time begins.
            midnight += TimeSpan.FromMinutes(1);
        }

        return new DateTimeOffset(midnight, deployment.TimeZone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
