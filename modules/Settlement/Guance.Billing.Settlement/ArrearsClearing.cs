using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;

namespace Guance.Billing.Settlement;

/// <summary>Ends arrears in the transaction that paid them: the fact, and the locks that they brought (rules §8).</summary>
internal sealed class ArrearsClearing(IDocumentSession session, UnitOfWork work)
{
    /// <summary>After a credit was saved. Still or never in arrears: nothing to do.</summary>
    public async Task AfterAsync(HeldWallet wallet, string by, DateTimeOffset now, CancellationToken ct)
    {
        if (!wallet.ArrearsCleared)
        {
            return;
        }

        var stream = await session.Events.FetchForWriting<BillingAccount>(wallet.Account, ct);
        stream.AppendMany(stream.Aggregate is { } account ? ArrearsDecider.Clear(account, by, now) : []);
        await LiftAsync([wallet.Account], by, now, ct);
        await using var stop = work.Command("update settlement.wallet set arrears_due_at = null where account_id = $1", wallet.Account);
        await stop.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Lifts the locks for arrears of accounts.</summary>
    public async Task LiftAsync(string[] accounts, string by, DateTimeOffset now, CancellationToken ct)
    {
        var locked = await session.QueryAsync<WorkspaceSettlement>(
            """where account_key = any(?) and data @> '{"reasons": ["arrears"]}'""", ct, (object)accounts);
        foreach (var workspace in locked)
        {
            session.AppendTo(workspace, WorkspaceSettlementDecider.Lift(workspace, LockReason.Arrears, now, by, null));
        }
    }
}
