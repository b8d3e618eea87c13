using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using MediatR;

namespace Guance.Billing.Settlement.Features;

/// <summary>
/// Seals the journal at a day's end: keeps the last hash of every account with entries that no seal covers yet. Sealed again, the day's
/// seals stay as they are; what has come since is covered by the next day's.
/// </summary>
internal sealed record SealJournal(DateOnly Day) : ICommand;

internal sealed class SealJournalHandler(UnitOfWork work) : ICommandHandler<SealJournal>
{
    public async Task<Unit> Handle(SealJournal request, CancellationToken cancellationToken)
    {
        await using var seal = work.Command(
            """
            insert into settlement.journal_seal (day, account_id, seq, hash)
            select $1, w.account_id, w.last_seq, w.last_hash
            from settlement.wallet w
            where w.last_seq > coalesce((select max(s.seq) from settlement.journal_seal s where s.account_id = w.account_id), 0)
            on conflict do nothing
            """,
            request.Day);
        await seal.ExecuteNonQueryAsync(cancellationToken);
        return Unit.Value;
    }
}
