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

/// <summary>The staff grant a voucher. Once for ever under one key, from which the voucher's id is made.</summary>
internal sealed record IssueVoucher(BillingAccountId AccountId, CreditKind Kind, Money FaceValue, DateTimeOffset ExpiresAt, string? Reason, string Key)
    : ICommand<VoucherView>;

internal sealed class IssueVoucherHandler(IDocumentSession session, UnitOfWork work, Wallets wallets, CreditReader credits, TimeProvider clock)
    : ICommandHandler<IssueVoucher, VoucherView>
{
    public async Task<VoucherView> Handle(IssueVoucher request, CancellationToken cancellationToken)
    {
        _ = await session.LoadAsync<BillingAccount>(request.AccountId.Value, cancellationToken) ?? throw SettlementRefusals.BillingAccountUnknown();
        var wallet = await wallets.HoldAsync(request.AccountId, request.Key, cancellationToken);
        var id = $"vchr_{Ids.DeterministicGuid("voucher", request.AccountId.Value, request.Key):N}";
        if (!wallet.Knows(request.Key))
        {
            var now = clock.GetUtcNow();
            await InsertAsync(id, request, now, cancellationToken);
            var voucher = new Credit(request.Kind, id, 0, request.ExpiresAt);
            wallet.Add(voucher);
            wallet.Post(WalletDecider.IssueVoucher(voucher, request.FaceValue.Amount, request.Key), now);
            await wallets.SaveAsync([wallet], cancellationToken);
        }

        var kept = await credits.VoucherAsync(work, id, cancellationToken);
        return kept.Kind == VoucherKinds.Name(request.Kind) && kept.FaceValue == request.FaceValue && kept.ExpiresAt == request.ExpiresAt
            ? kept
            : throw SettlementRefusals.IdempotencyKeyReused();
    }

    private async Task InsertAsync(string id, IssueVoucher request, DateTimeOffset now, CancellationToken ct)
    {
        await using var insert = work.Command(
            "insert into settlement.voucher (id, account_id, kind, face_value, balance, issued_at, expires_at, reason) values ($1, $2, $3, $4, 0, $5, $6, $7)",
            id, request.AccountId.Value, VoucherKinds.Name(request.Kind), request.FaceValue.Amount, now, request.ExpiresAt);
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
    private const int ReasonLengthMax = 500;

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapPost("/api/operator/billing-accounts/{id}/vouchers", async (
            BillingAccountId id, Body body, HttpRequest request, ICallers callers, Deployment deployment, TimeProvider clock, IMediator mediator, CancellationToken ct) =>
        {
            var kind = VoucherKinds.Parse(body.Kind);
            var faceValue = Amounts.ToCredit(body.FaceValue, deployment.Currency, "faceValue");
            if (body.ExpiresAt is not { } expiresAt || expiresAt <= clock.GetUtcNow())
            {
                throw BillingRefusal.InvalidField("expiresAt", "expires-at-invalid", "Say until when the voucher can be used: an instant in the future, such as 2027-06-30T16:00:00Z.");
            }

            if (body.Reason?.Length > ReasonLengthMax)
            {
                throw BillingRefusal.InvalidField("reason", "reason-too-long", $"A reason has at most {ReasonLengthMax} characters.");
            }

            return TypedResults.Ok(await mediator.Send(
                new IssueVoucher(
                    id, kind, new(faceValue, deployment.Currency), JournalEntry.ToMicroseconds(expiresAt.ToUniversalTime()), body.Reason,
                    CreditKeys.Of(request, callers.Current, "voucher")),
                ct));
        })
        .WithSummary("Grant a voucher to a billing account")
        .ForClients(Scopes.Operator)
        .Idempotent()
        .Refuses("billing-account-unknown", "kind-invalid", "amount-invalid", "currency-not-accounted", "expires-at-invalid", "reason-too-long", "idempotency-key-reused");

    internal sealed record Body(string? Kind, Money? FaceValue, DateTimeOffset? ExpiresAt, string? Reason);
}
