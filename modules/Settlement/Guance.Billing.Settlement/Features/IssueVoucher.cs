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
using Npgsql;

namespace Guance.Billing.Settlement.Features;

internal sealed class IssueVoucherHandler(IDocumentSession session, UnitOfWork work, Wallets wallets, CreditReader credits, Deployment deployment, TimeProvider clock)
    : ICommandHandler<IssueVoucher, VoucherView>
{
    private const int ReasonLengthMax = 500;

    public async Task<VoucherView> Handle(IssueVoucher request, CancellationToken cancellationToken)
    {
        var kind = VoucherKinds.Parse(request.Kind);
        var faceValue = new Money(Amounts.ToCredit(request.FaceValue, deployment.Currency, "faceValue"), deployment.Currency);
        if (request.ExpiresAt is not { } until || until <= clock.GetUtcNow())
        {
            throw BillingRefusal.InvalidField("expiresAt", "expires-at-invalid", "Say until when the voucher can be used: an instant in the future, such as 2027-06-30T16:00:00Z.");
        }

        if (request.Reason?.Length > ReasonLengthMax)
        {
            throw BillingRefusal.InvalidField("reason", "reason-too-long", $"A reason has at most {ReasonLengthMax} characters.");
        }

        var expiresAt = JournalEntry.ToMicroseconds(until.ToUniversalTime());
        _ = await session.LoadAsync<BillingAccount>(request.AccountId.Value, cancellationToken) ?? throw SettlementRefusals.BillingAccountUnknown();
        var wallet = await wallets.HoldAsync(request.AccountId, request.Key, cancellationToken);
        var id = $"vchr_{Ids.DeterministicGuid("voucher", request.AccountId.Value, request.Key):N}";
        if (!wallet.Knows(request.Key))
        {
            // Once the wallet is held: entries of an account never go back in time.
            var now = clock.GetUtcNow();
            var voucher = new Credit(kind, id, 0, expiresAt);
            await InsertAsync(voucher, request, faceValue, now, cancellationToken);
            wallet.Add(voucher);
            wallet.Post(WalletDecider.IssueVoucher(voucher, faceValue.Amount, request.Key), now);
            await wallets.SaveAsync([wallet], cancellationToken);
        }

        var kept = await credits.VoucherAsync(work, id, cancellationToken);
        return kept.Kind == VoucherKinds.Name(kind) && kept.FaceValue == faceValue && kept.ExpiresAt == expiresAt
            ? kept
            : throw SettlementRefusals.IdempotencyKeyReused();
    }

    private async Task InsertAsync(Credit voucher, IssueVoucher request, Money faceValue, DateTimeOffset now, CancellationToken ct)
    {
        await using var insert = work.Command(
            "insert into settlement.voucher (id, account_id, kind, face_value, balance, issued_at, expires_at, reason) values ($1, $2, $3, $4, 0, $5, $6, $7)",
            voucher.Id, request.AccountId.Value, VoucherKinds.Name(voucher.Kind), faceValue.Amount, now, voucher.ExpiresAt);
        insert.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = request.Reason });
        await insert.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>Names of vouchers' kinds, as they are kept and as they stand in the API.</summary>
internal static class VoucherKinds
{
    public static string Name(CreditKind kind) => kind is CreditKind.FullReductionVoucher ? "full-reduction" : "ordinary";

    /// <exception cref="BillingRefusal"><c>kind-invalid</c>.</exception>
    public static CreditKind Parse(string? name) => name switch
    {
        "ordinary" => CreditKind.OrdinaryVoucher,
        "full-reduction" => CreditKind.FullReductionVoucher,
        _ => throw BillingRefusal.InvalidField("kind", "kind-invalid", "A voucher is 'ordinary' or 'full-reduction'."),
    };
}

internal static class IssueVoucherEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/billing-accounts/{id}/vouchers", async (
            BillingAccountId id, Body body, HttpRequest request, ICallers callers, IMediator mediator, CancellationToken ct) =>
            TypedResults.Ok(await mediator.Send(
                new IssueVoucher(id, body.Kind, body.FaceValue, body.ExpiresAt, body.Reason, CreditKeys.Of(request, callers.Current, "voucher"), callers.Current.By), ct)))
        .WithSummary("Grant a voucher to a billing account")
        .ForOperatorsTo<IssueVoucher>()
        .Idempotent()
        .Refuses("billing-account-unknown", "kind-invalid", "amount-invalid", "currency-not-accounted", "expires-at-invalid", "reason-too-long", "idempotency-key-reused");

    internal sealed record Body(string? Kind, Money? FaceValue, DateTimeOffset? ExpiresAt, string? Reason);
}
