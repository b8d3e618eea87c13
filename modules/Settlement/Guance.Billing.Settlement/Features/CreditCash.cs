using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Domain;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

/// <summary>Cash has come in for an account. It repays arrears first, which lifts their locks at once (rules §8). Once for ever under one key.</summary>
internal sealed record CreditCash(BillingAccountId AccountId, Money Amount, string Key, string By) : ICommand<CashCredited>;

/// <param name="AccountId">The account.</param>
/// <param name="Amount">What came in.</param>
/// <param name="Cash">The cash afterwards; negative while still in arrears.</param>
/// <param name="Seq">The entry's number in the account's journal.</param>
internal sealed record CashCredited(BillingAccountId AccountId, Money Amount, Money Cash, long Seq);

internal sealed class CreditCashHandler(IDocumentSession session, UnitOfWork work, Wallets wallets, ArrearsClearing arrears, TimeProvider clock)
    : ICommandHandler<CreditCash, CashCredited>
{
    public async Task<CashCredited> Handle(CreditCash request, CancellationToken cancellationToken)
    {
        _ = await session.LoadAsync<BillingAccount>(request.AccountId.Value, cancellationToken) ?? throw SettlementRefusals.BillingAccountUnknown();
        var wallet = await wallets.HoldAsync(request.AccountId, request.Key, cancellationToken);
        if (wallet.Knows(request.Key))
        {
            return await FirstAsync(request, cancellationToken);
        }

        var now = clock.GetUtcNow();
        wallet.Post(WalletDecider.CreditCash(request.Amount.Amount, request.By, request.Key), now);
        await wallets.SaveAsync([wallet], cancellationToken);
        await arrears.AfterAsync(wallet, request.By, now, cancellationToken);
        return new(request.AccountId, request.Amount, request.Amount with { Amount = wallet.State.Cash }, wallet.Entries[0].Seq);
    }

    private async Task<CashCredited> FirstAsync(CreditCash request, CancellationToken ct)
    {
        await using var read = work.Command(
            "select seq, cash_after, amounts[2] from settlement.journal_entry where account_id = $1 and idempotency_key = $2",
            request.AccountId.Value, request.Key);
        await using var row = await read.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return row.GetDecimal(2) == request.Amount.Amount
            ? new(request.AccountId, request.Amount, request.Amount with { Amount = row.GetDecimal(1) }, row.GetInt64(0))
            : throw SettlementRefusals.IdempotencyKeyReused();
    }
}

internal static class CreditCashEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/billing-accounts/{id}/cash", async (
            BillingAccountId id, Body body, HttpRequest request, ICallers callers, Deployment deployment, IMediator mediator, CancellationToken ct) =>
        {
            var amount = Amounts.ToCredit(body.Amount, deployment.Currency, "amount");
            var caller = callers.Current;
            return TypedResults.Ok(await mediator.Send(new CreditCash(id, new(amount, deployment.Currency), CreditKeys.Of(request, caller, "cash"), caller.By), ct));
        })
        .WithSummary("Credit cash to a billing account; repays arrears first")
        .ForClients(Scopes.Operator)
        .Idempotent()
        .Refuses("billing-account-unknown", "amount-invalid", "currency-not-accounted", "idempotency-key-reused");

    internal sealed record Body(Money? Amount);
}
