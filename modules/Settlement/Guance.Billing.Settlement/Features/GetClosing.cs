using Guance.Billing.CloudAccounts.Contracts;
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

internal sealed class GetClosingHandler(IQuerySession session, IQueries queries, NpgsqlDataSource dataSource) : IQueryHandler<GetClosing, ClosingView>
{
    public async Task<ClosingView> Handle(GetClosing request, CancellationToken cancellationToken)
    {
        var (provider, only) = (request.Provider, request.OnlyAccount);
        var instance = new CloudInstanceKey(provider, request.InstanceId);
        var closing = await session.LoadAsync<Closing>(Closing.Key(instance), cancellationToken);
        if (closing is not null)
        {
            return closing.Owners.Any(owner => owner.IsSeenBy(only)) || await OwnsAsync(provider, closing.CloudAccountId, only, cancellationToken) ? Of(closing) : throw Unknown();
        }

        var subscription = await queries.Ask(new GetCloudSubscription(provider, request.InstanceId), cancellationToken);
        if (subscription is null || !await OwnsAsync(provider, subscription.AccountId, only, cancellationToken))
        {
            throw Unknown();
        }

        // Closed at the market a moment ago: the closing is about to begin, and what it will do is known.
        var starting = subscription.State is CloudSubscriptionState.Closed;
        if (!request.Preview && !starting)
        {
            throw BillingRefusal.NotFound("closing-unknown", "This subscription has not been closed. Ask with ?preview=true what its closing would do.");
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var before = Before(ProviderPolicy.Of(provider).OnCancelled, await ConcernedWorkspaces.CountAsync(connection, null, instance, cancellationToken));
        return starting ? before with { Preview = false, State = "starting", ClosedAt = subscription.ClosedAt } : before;
    }

    private static ClosingView Of(Closing closing) => new(
        false,
        closing.State switch { ClosingState.Started => "started", ClosingState.Announced => "announced", _ => "completed" },
        closing.ClosedAt,
        closing.CompletedAt,
        closing.Effect,
        closing.Effect is CancellationEffect.UnlinkAndLock,
        closing.Sites.Sum(site => site.Workspaces),
        null,
        closing.Sites);

    private static ClosingView Before(CancellationEffect effect, IReadOnlyList<ConcernedGroup> concerned) => new(
        true,
        "none",
        null,
        null,
        effect,
        effect is CancellationEffect.UnlinkAndLock,
        concerned.Sum(group => group.Workspaces),
        [.. concerned.SelectMany(group => group.FirstNames).Take(ConcernedWorkspaces.NamesMax)],
        [.. concerned.GroupBy(group => group.Site).Select(site => new ClosingAtSite(site.Key, site.Sum(group => group.Workspaces), null, null))]);

    private async Task<bool> OwnsAsync(CloudProvider provider, string? accountId, BillingAccountId? only, CancellationToken ct) =>
        only is null
        || (accountId is not null && await session.LoadAsync<CloudAccountClaim>(CloudAccountClaim.Key(provider, accountId), ct) is { } claim && claim.Account == only);

    private static BillingRefusal Unknown() => BillingRefusal.NotFound("cloud-subscription-unknown",
        "There is no such cloud subscription in this billing account. Check the product instance ID.");
}

internal static class GetClosingEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/api/cloud-subscriptions/{provider}/{instanceId}/closing", async (
            CloudProvider provider, string instanceId, IRequestHandler<GetClosing, ClosingView> closing, ICallers callers, CancellationToken ct, bool preview = false) =>
            TypedResults.Ok(await closing.Handle(new(provider, instanceId, callers.Current.OnlyAccount(), preview), ct)))
        .WithSummary("A cancellation's progress by site; ?preview=true says before it what would be locked")
        .ForBillingUsers(Scopes.BillingRead, Scopes.BillingWrite, Scopes.Operator)
        .Refuses("cloud-subscription-unknown", "closing-unknown");
}
