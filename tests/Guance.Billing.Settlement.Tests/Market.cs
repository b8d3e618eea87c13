using System.Collections.Concurrent;
using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Sites;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Settlement.Tests;

/// <summary>Stands in for CloudAccounts: answers its queries from what a test has put in.</summary>
public sealed class Market : IModule
{
    private readonly ConcurrentDictionary<CloudInstanceKey, CloudSubscriptionFacts> subscriptions = new();
    private int bought;

    public string Name => "Market";

    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    /// <summary>Runs after a subscription was read and before it is answered: lets a test hold somebody there.</summary>
    public Func<Task> BeforeAnswer { get; set; } = () => Task.CompletedTask;

    public ConcurrentBag<UsagePush> Pushes { get; } = [];

    public IReadOnlyCollection<CloudSubscriptionFacts> All => [.. subscriptions.Values];

    public CloudSubscriptionFacts Buy(string? accountId = null, CloudSubscriptionState state = CloudSubscriptionState.Active, CloudProvider? provider = null)
    {
        var number = Interlocked.Increment(ref bought);
        accountId ??= $"{number:x32}";
        return Set(new(
            Ids.Deterministic<CloudSubscriptionId>("bought", $"{number}"), provider ?? CloudProvider.HuaweiCloud, $"inst-{number}", accountId, state, "ON_DEMAND",
            DateTimeOffset.UnixEpoch.AddSeconds(number), DateTimeOffset.UnixEpoch.AddSeconds(number), null, null, "Buyer", $"buyer-{accountId}@cloud.example"));
    }

    public CloudSubscriptionFacts Set(CloudSubscriptionFacts subscription) =>
        subscriptions[new(subscription.Provider, subscription.InstanceId)] = subscription;

    /// <summary>Orders of prepaid cards, by account and number.</summary>
    public ConcurrentDictionary<(string Account, string Order), PrepaidCardOrder> CardOrders { get; } = new();

    public PrepaidCardOrder SellCards(decimal faceValue, string? accountId = null)
    {
        var number = Interlocked.Increment(ref bought);
        var order = new PrepaidCardOrder($"CS{number:0000000000}", accountId ?? $"{number:x32}", new(faceValue, Currency.Cny), DateTimeOffset.UnixEpoch.AddSeconds(number));
        return CardOrders[(order.AccountId, order.OrderNumber)] = order;
    }

    public CloudSubscriptionFacts? Find(CloudInstanceKey instance) => subscriptions.GetValueOrDefault(instance);

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment) => services.AddSingleton(this);

    public void ConfigureMarten(Marten.StoreOptions options)
    {
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }
}

internal sealed class GetCloudSubscriptionHandler(Market market) : IQueryHandler<GetCloudSubscription, CloudSubscriptionFacts?>
{
    public async Task<CloudSubscriptionFacts?> Handle(GetCloudSubscription request, CancellationToken cancellationToken)
    {
        var found = market.Find(new(request.Provider, request.InstanceId));
        await market.BeforeAnswer();
        return found;
    }
}

internal sealed class FindOpenCloudSubscriptionHandler(Market market) : IQueryHandler<FindOpenCloudSubscription, CloudSubscriptionFacts?>
{
    public Task<CloudSubscriptionFacts?> Handle(FindOpenCloudSubscription request, CancellationToken cancellationToken) => Task.FromResult(
        market.All.Where(s => s.Provider == request.Provider && s.AccountId == request.AccountId && s.State is CloudSubscriptionState.Active).MaxBy(s => s.RequestedAt));
}

internal sealed class ListCloudSubscriptionsHandler(Market market) : IQueryHandler<ListCloudSubscriptions, IReadOnlyList<CloudSubscriptionFacts>>
{
    public Task<IReadOnlyList<CloudSubscriptionFacts>> Handle(ListCloudSubscriptions request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<CloudSubscriptionFacts>>(
        [.. market.All.Where(s => s.Provider == request.Provider && s.AccountId == request.AccountId).OrderByDescending(s => s.RequestedAt)]);
}

internal sealed class FindPrepaidCardOrderHandler(Market market) : IQueryHandler<FindPrepaidCardOrder, PrepaidCardOrder?>
{
    public Task<PrepaidCardOrder?> Handle(FindPrepaidCardOrder request, CancellationToken cancellationToken) =>
        Task.FromResult(market.CardOrders.GetValueOrDefault((request.AccountId, request.OrderNumber)));
}

/// <summary>Stands in for the feeds: says what a test has put in.</summary>
public sealed class Feeds : IFeeds
{
    public ConcurrentDictionary<string, LastTold> Told { get; } = new(StringComparer.Ordinal);

    public Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(IReadOnlyCollection<string> subjects, CancellationToken ct) =>
        Task.FromResult<IReadOnlyDictionary<string, LastTold>>(
            subjects.Where(Told.ContainsKey).ToDictionary(subject => subject, subject => Told[subject], StringComparer.Ordinal));

    public Task<IReadOnlyDictionary<string, LastTold>> LastToldAsync(SiteCode site, IReadOnlyCollection<string> subjects, CancellationToken ct) => LastToldAsync(subjects, ct);

    public Task<IReadOnlyList<SiteStatus>> SitesAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<SiteStatus>>([]);
}

/// <summary>Nothing is pushed but what a test has put in.</summary>
internal sealed class ListUsagePushesHandler(Market market) : IQueryHandler<ListUsagePushes, IReadOnlyList<UsagePush>>
{
    public Task<IReadOnlyList<UsagePush>> Handle(ListUsagePushes request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<UsagePush>>(
        [.. market.Pushes.Where(push => push.Instance == request.Instance && push.Day >= request.From && push.Day <= request.To)]);
}

internal sealed class ListCloudChargeDaysHandler : IQueryHandler<ListCloudChargeDays, IReadOnlyList<CloudChargeDay>>
{
    public Task<IReadOnlyList<CloudChargeDay>> Handle(ListCloudChargeDays request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<CloudChargeDay>>([]);
}
