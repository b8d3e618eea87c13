using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.ReadModels;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Guance.Billing.Settlement.Features;

internal sealed class RedeemPrepaidCardHandler(
    IDocumentSession session, UnitOfWork work, Wallets wallets, ArrearsClearing arrears, CreditReader credits, TimeProvider clock)
    : ICommandHandler<RedeemPrepaidCard, PrepaidCardView>
{
    private const decimal FaceValueUnit = 100;

    public async Task<PrepaidCardView> Handle(RedeemPrepaidCard request, CancellationToken cancellationToken)
    {
        var (order, faceValue) = (request.Order, request.Order.FaceValue.Amount);
        var claim = await session.LoadAsync<CloudAccountClaim>(CloudAccountClaim.Key(request.Provider, order.AccountId), cancellationToken);
        if (claim is not null && claim.Account != request.AccountId)
        {
            throw SettlementRefusals.CloudAccountClaimed();
        }

        if (faceValue <= 0 || faceValue % FaceValueUnit != 0)
        {
            throw BillingRefusal.Unprocessable("face-value-invalid", $"Prepaid cards have a value in multiples of {FaceValueUnit}; this order is for {order.FaceValue}. Contact support with the order number.");
        }

        var now = clock.GetUtcNow();
        var card = new Credit(CreditKind.PrepaidCard, $"card_{Ids.DeterministicGuid("prepaid-card", request.Provider.Value, order.OrderNumber):N}", 0, JournalEntry.ToMicroseconds(now.AddYears(1)));
        var wallet = await wallets.HoldAsync(request.AccountId, card.Id, cancellationToken);
        await InsertAsync(card, request, now, cancellationToken);
        wallet.Add(card);
        foreach (var movement in WalletDecider.RedeemCard(wallet.State, card, faceValue, card.Id))
        {
            wallet.Post(movement, now);
        }

        await wallets.SaveAsync([wallet], cancellationToken);
        await arrears.AfterAsync(wallet, request.By, now, cancellationToken);
        return await credits.CardAsync(work, card.Id, cancellationToken);
    }

    /// <summary>Of two who redeem one order, in whatever accounts, the second waits here for the first.</summary>
    private async Task InsertAsync(Credit card, RedeemPrepaidCard request, DateTimeOffset now, CancellationToken ct)
    {
        await using var insert = work.Command(
            """
            insert into settlement.prepaid_card (id, account_id, face_value, balance, purchased_at, redeemed_at, expires_at, provider, cloud_account_id, order_number)
            values ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9) on conflict do nothing
            """,
            card.Id, request.AccountId.Value, request.Order.FaceValue.Amount, request.Order.PlacedAt.ToUniversalTime(), now, card.ExpiresAt, request.Provider.Value, request.Order.AccountId, request.Order.OrderNumber);
        if (await insert.ExecuteNonQueryAsync(ct) == 0)
        {
            throw BillingRefusal.Conflict("order-already-redeemed", "The prepaid cards of this order were redeemed already; an order works once. Look for them among your prepaid cards.");
        }
    }
}

internal sealed class FindRedeemableOrderHandler(IQueries queries, Deployment deployment) : IQueryHandler<FindRedeemableOrder, PrepaidCardOrder>
{
    public async Task<PrepaidCardOrder> Handle(FindRedeemableOrder request, CancellationToken cancellationToken)
    {
        var (accountId, orderNumber) = (request.CloudAccountId?.Trim() ?? "", request.OrderNumber?.Trim() ?? "");
        if (!CloudIds.IsAccountId(accountId))
        {
            throw BillingRefusal.InvalidField("cloudAccountId", "cloud-account-id-required", "Give the account ID as the cloud's console shows it: letters, digits, '-' and '_'.");
        }

        if (!CloudIds.IsOrderNumber(orderNumber))
        {
            throw BillingRefusal.InvalidField("orderNumber", "order-number-invalid", "Give the order number as the cloud's console shows it under My Orders: letters, digits, '-' and '_'.");
        }

        var order = await queries.Ask(new FindPrepaidCardOrder(request.Provider, accountId, orderNumber), cancellationToken);
        if (order is null || order.AccountId != accountId)
        {
            throw BillingRefusal.Unprocessable("order-unknown", "This cloud account has no paid order of prepaid cards with this number. Check the account ID and copy the order number from My Orders.");
        }

        return order.FaceValue.Currency == deployment.Currency
            ? order
            : throw BillingRefusal.Unprocessable("currency-not-accounted", $"This Billing Center accounts in {deployment.Currency}, and the order is in {order.FaceValue.Currency}. Contact support with the order number.");
    }
}

internal static class RedeemPrepaidCardEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/prepaid-cards", async (Body body, ICallers callers, IMediator mediator, CancellationToken ct) =>
        {
            var caller = callers.Current;
            // Outside the transaction: the market is asked now, and may take its time.
            var order = await mediator.Send(new FindRedeemableOrder(CloudProvider.HuaweiCloud, body.CloudAccountId, body.OrderNumber), ct);
            return TypedResults.Ok(await mediator.Send(new RedeemPrepaidCard(BillingAccountId.Of(caller.Id), CloudProvider.HuaweiCloud, order, caller.By), ct));
        })
        .WithSummary("Redeem an order of prepaid cards bought on the Huawei Cloud Marketplace")
        .ForBillingUsers()
        .Idempotent()
        .Refuses("cloud-account-id-required", "order-number-invalid", "order-unknown", "order-already-redeemed", "cloud-account-claimed", "face-value-invalid", "currency-not-accounted");

    internal sealed record Body(string? CloudAccountId, string? OrderNumber);
}
