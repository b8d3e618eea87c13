using Guance.Billing.Platform.Access;
using Guance.Billing.Settlement.Domain;
using Marten;
using JasperFx.Events;

namespace Guance.Billing.Settlement;

/// <summary>Whose things a caller sees. Other people's are not found: they are not told from what does not exist.</summary>
internal static class Visibility
{
    /// <summary>The billing account to which the caller is limited; null for a client, which the endpoint's scopes have let through.</summary>
    public static BillingAccountId? OnlyAccount(this Caller caller) => caller.Kind is CallerKind.BillingUser ? BillingAccountId.Of(caller.Id) : null;

    /// <summary>The account whose money is asked for: a billing user's own; a client names it.</summary>
    /// <exception cref="BillingRefusal"><c>account-id-required</c>; <c>billing-account-unknown</c>: not the user's.</exception>
    public static BillingAccountId AccountAsked(this Caller caller, BillingAccountId? asked) => (caller.OnlyAccount(), asked) switch
    {
        ({ } own, null) => own,
        ({ } own, { } named) when own == named => own,
        (null, { } named) => named,
        (null, null) => throw BillingRefusal.InvalidField("accountId", "account-id-required", "Say whose by ?accountId=: the billing account's id."),
        _ => throw SettlementRefusals.BillingAccountUnknown(),
    };

    public static bool IsSeenBy(this BillingAccountId owner, BillingAccountId? onlyAccount) => onlyAccount is null || onlyAccount == owner;

    /// <summary>A workspace, to be changed in this command.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-unknown</c>: no such workspace, or not the caller's.</exception>
    public static async Task<(IEventStream<WorkspaceSettlement> Stream, WorkspaceSettlement State)> FetchWorkspaceAsync(
        this IDocumentSession session, WorkspaceId id, BillingAccountId? onlyAccount, CancellationToken ct)
    {
        var stream = await session.Events.FetchForWriting<WorkspaceSettlement>(id.Value, ct);
        return stream.Aggregate is { } state && state.Account.IsSeenBy(onlyAccount) ? (stream, state) : throw SettlementRefusals.WorkspaceUnknown();
    }

    /// <summary>A workspace, to be shown.</summary>
    /// <exception cref="BillingRefusal"><c>workspace-unknown</c>: no such workspace, or not the caller's.</exception>
    public static async Task<WorkspaceSettlement> GetWorkspaceAsync(this IQuerySession session, WorkspaceId id, BillingAccountId? onlyAccount, CancellationToken ct) =>
        await session.LoadAsync<WorkspaceSettlement>(id.Value, ct) is { } state && state.Account.IsSeenBy(onlyAccount)
            ? state
            : throw SettlementRefusals.WorkspaceUnknown();
}
