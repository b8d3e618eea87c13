using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class CreditCashHandler(IDocumentSession session, UnitOfWork work, Wallets wallets, ArrearsClearing arrears, Deployment deployment, TimeProvider clock)
    : ICommandHandler<CreditCash, CashCredited>
{
    public async Task<CashCredited> Handle(CreditCash request, CancellationToken cancellationToken)
    {
        var amount = new Money(Amounts.ToCredit(request.Amount, deployment.Currency, "amount"), deployment.Currency);
        _ = await session.LoadAsync<BillingAccount>(request.AccountId.Value, cancellationToken) ?? throw SettlementRefusals.BillingAccountUnknown();
        var wallet = await wallets.HoldAsync(request.AccountId, request.Key, cancellationToken);
        if (wallet.Knows(request.Key))
        {
            return await FirstAsync(request, amount, cancellationToken);
        }

        var now = clock.GetUtcNow();
        wallet.Post(WalletDecider.CreditCash(amount.Amount, request.By, request.Key), now);
        await wallets.SaveAsync([wallet], cancellationToken);
        await arrears.AfterAsync(wallet, request.By, now, cancellationToken);
        return new(request.AccountId, amount, amount with { Amount = wallet.State.Cash }, wallet.Entries[0].Seq);
    }

    private async Task<CashCredited> FirstAsync(CreditCash request, Money amount, CancellationToken ct)
    {
        await using var read = work.Command(
            "select seq, cash_after, amounts[2] from settlement.journal_entry where account_id = $1 and idempotency_key = $2",
            request.AccountId.Value, request.Key);
        await using var row = await read.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return row.GetDecimal(2) == amount.Amount
            ? new(request.AccountId, amount, amount with { Amount = row.GetDecimal(1) }, row.GetInt64(0))
            : throw SettlementRefusals.IdempotencyKeyReused();
    }
}

internal static class CreditCashEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/billing-accounts/{id}/cash", async (
            BillingAccountId id, Body body, HttpRequest request, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(new CreditCash(id, body.Amount, CreditKeys.Of(request, callers.Current, "cash"), callers.Current.By), ct)))
        .WithSummary("Credit cash to a billing account; repays arrears first")
        .ForOperatorsTo<CreditCash>()
        .Idempotent()
        .Refuses("billing-account-unknown", "amount-invalid", "currency-not-accounted", "idempotency-key-reused");

    internal sealed record Body(Money? Amount);
}
