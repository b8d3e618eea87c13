using Guance.Billing.CloudAccounts.Contracts;
using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.Settlement.Contracts;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Workspaces.Contracts;
using HuaweiCloud.Marketplace;

namespace Guance.Billing.Simulation.Tests;

/// <summary>
/// The Billing Center: what its handlers, policies and jobs do, on the modules' own deciders, with states in memory in place of PostgreSQL. Each part names the use case
/// that it stands for.
/// </summary>
internal sealed partial class Center : IMarketplaceSeller
{
    private const int BatchSize = 3;
    private const int PageSize = 20;
    private static readonly CloudProvider Huawei = CloudProvider.HuaweiCloud;
    private readonly Scenario scenario;
    private readonly Dice dice;
    private readonly MarketplaceEndpoint endpoint;
    private readonly TheOptions options;
    private readonly Dictionary<string, string> streamOfInstance = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> cursors = new(StringComparer.Ordinal);
    private readonly List<(string Stream, string OrderId)> pendingOrders = [];

    public Center(Timetable timetable, Scenario scenario, IReadOnlyList<Price> prices)
    {
        this.scenario = scenario;
        dice = new(scenario.Seed, "center");
        firstDay = timetable.Now;
        Node = new(timetable, new(scenario.Seed, "center's crashes"), scenario.Weather, TimeSpan.Zero);
        priceOf = prices.ToLookup(price => price.Key());
        var fresh = new Nonces();
        Market = new(timetable, scenario, context =>
        {
            if (Node.IsDown)
            {
                context.Response.StatusCode = 503;
                return Task.CompletedTask;
            }

            context.RequestServices = new Services(this, fresh);
            return endpoint!.HandleV2Async(context); // made below, before anybody calls
        });
        options = new(new HuaweiMarketplaceOptions { AccessKey = Market.Key, MaxTimestampSkew = scenario.Weather.LateMax + TimeSpan.FromHours(1) });
        endpoint = new(options, Node.Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<MarketplaceEndpoint>.Instance);
    }

    public Node Node { get; }

    public Market Market { get; }

    public FactLog Log { get; } = new();

    /// <summary>By site: what it tells the Billing Center, in order.</summary>
    public Dictionary<string, Site> Sites { get; } = new(StringComparer.Ordinal);

    private DateTimeOffset Now => Node.Clock.GetUtcNow();

    /// <summary>The seller's key is changed: both are good until the market has the new one.</summary>
    public void AnnounceKey(string key) => options.CurrentValue = new()
    {
        AccessKey = key, AccessKeyPrevious = options.CurrentValue.AccessKey, MaxTimestampSkew = options.CurrentValue.MaxTimestampSkew,
    };

    // RequestSubscription
    public Task<NewInstanceResult> NewInstanceAsync(NewInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken)
    {
        var stream = SubscriptionKey.Of(Huawei, request.OrderId, request.OrderLineId).Value;
        Commit(() =>
        {
            if (Log.Find<CloudSubscription>(stream) is null)
            {
                Append(stream, [new SubscriptionRequested(Huawei, request.OrderId, request.OrderLineId, request.BusinessId, call.SignedAt)]);
                streamOfInstance.Add(request.BusinessId, stream);
                pendingOrders.Add((stream, request.OrderId));
            }
        });
        var subscription = Log.Find<CloudSubscription>(stream)!;
        return Task.FromResult(subscription.State is CloudSubscriptionState.Requested
            ? NewInstanceResult.Accepted(subscription.InstanceId)
            : NewInstanceResult.Created(subscription.InstanceId, new("https://guance.example/", null, null, null, null)));
    }

    // TakeMarketplaceCall
    public Task<MarketplaceResult> UpdateInstanceStatusAsync(UpdateInstanceStatusRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Take(request.InstanceId, subscription => CloudSubscriptionDecider.SetStatus(subscription, request.Status is InstanceStatus.Freeze, call.SignedAt));

    public Task<MarketplaceResult> ReleaseInstanceAsync(ReleaseInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) =>
        Take(request.InstanceId, subscription => CloudSubscriptionDecider.Close(subscription, request.OrderId, call.SignedAt));

    public Task<QueryInstanceResult> QueryInstanceAsync(QueryInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MarketplaceResult> RefreshInstanceAsync(RefreshInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MarketplaceResult> UpgradeInstanceAsync(UpgradeInstanceRequest request, MarketplaceCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MarketplaceResult> ChangeInstanceCheckAsync(ChangeInstanceCheckRequest request, MarketplaceCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MarketplaceResult> OrderNotifyAsync(OrderNotifyRequest request, MarketplaceCall call, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>FetchOrdersJob.</summary>
    public void FetchOrders()
    {
        foreach (var pending in pendingOrders.ToArray())
        {
            if (Market.FindOrder(pending.OrderId) is { } order)
            {
                Node.Do(() =>
                {
                    Append(pending.Stream, CloudSubscriptionDecider.Identify(
                        Log.Find<CloudSubscription>(pending.Stream)!, new(order.CustomerId, "ON_DEMAND", "product", "sku", null, Second(order.BoughtAt)), Now));
                    pendingOrders.Remove(pending);
                });
            }
        }
    }

    /// <summary>ActivateWorkspace: asked again it gives the first answer. Answers null when nothing is heard.</summary>
    public WorkspaceSettlement? Activate(WorkspaceId id, SiteCode site, BillingAccountId account, string? cloudAccountId)
    {
        WorkspaceSettlement? bound = null;
        var isHeard = Node.Do(() =>
        {
            bound = Log.Find<WorkspaceSettlement>(id.Value);
            if (bound is not null)
            {
                return;
            }

            var holder = Log.Find<BillingAccount>(account.Value);
            var opened = new BillingAccountOpened(account, account.Value, "ACME", Now);
            if (cloudAccountId is null && PurseOf(account).Since is not null)
            {
                throw SettlementRefusals.AccountInArrears();
            }

            var cloud = cloudAccountId is null ? null : NewestActive(cloudAccountId) ?? throw SettlementRefusals.CloudAccountUnknown(null);
            CheckClaim(cloud, account);
            Append(account.Value, [.. holder is null ? [opened] : Array.Empty<object>(), .. BillingAccountDecider.JoinSite(holder ?? BillingAccount.Create(opened), site, Now)]);
            Claim(cloud, account);
            Append(id.Value, [new WorkspaceBound(
                id, site, account, "w", "en", cloud is null ? SettlementMethod.BillingCenter : SettlementMethod.Cloud(Huawei), cloud, RegistrationId.Of($"reg_{id.Value[5..]}"), Now)]);
            bound = Log.Find<WorkspaceSettlement>(id.Value);
        });
        return isHeard ? bound : null;
    }

    /// <summary>ChangeSettlementMethod.</summary>
    public void ChangeMethod(string workspace, CloudLink? cloud) => Node.Do(() =>
    {
        var state = Log.Find<WorkspaceSettlement>(workspace)!;
        var wanted = cloud is null ? WantedMethod.BillingCenter : WantedMethod.By(cloud);
        if (!state.IsDissolved && WorkspaceSettlementDecider.Same(state, wanted))
        {
            return;
        }

        WorkspaceSettlementDecider.MayChangeMethod(state, LinkOf(state).State, TimeZoneInfo.Utc, Now);
        if (cloud is not null)
        {
            if (Log.Find<CloudSubscription>(streamOfInstance[cloud.InstanceId]) is not { State: CloudSubscriptionState.Active })
            {
                throw SettlementRefusals.CloudSubscriptionClosed();
            }

            CheckClaim(cloud, state.Account);
            Claim(cloud, state.Account);
        }

        Append(workspace, WorkspaceSettlementDecider.ChangeMethod(state, wanted, "user", Now));
    });

    /// <summary>UnlockWorkspace.</summary>
    public void Unlock(string workspace) => Node.Do(() =>
    {
        var state = Log.Find<WorkspaceSettlement>(workspace)!;
        var (link, closedAt) = LinkOf(state);
        IReadOnlyList<object> caughtUp = link is LinkState.Closed
            ? WorkspaceSettlementDecider.LoseSubscription(state, state.Cloud!.Instance, ProviderPolicy.Of(Huawei).OnCancelled, closedAt ?? Now)
            : [];
        var current = WorkspaceSettlementDecider.After(state, caughtUp);
        Append(workspace, [.. caughtUp, .. WorkspaceSettlementDecider.Unlock(current, PurseOf(state.Account).Since is not null, "user", Now)]);
    });

    /// <summary>The inbox of the modules here, and of what sites tell: a page, its cursor moved in the same transaction; sometimes a little of it again.</summary>
    public void ReadInboxes()
    {
        Read("own", Log.All.Count, at => Log.All[at].Told, page =>
        {
            foreach (var told in page)
            {
                Hear(told);
            }
        });
        foreach (var (code, site) in Sites)
        {
            if (!site.IsCutOff)
            {
                Read(code, site.Told.Count, at => site.Told[at], page =>
                {
                    foreach (var told in page)
                    {
                        Hear(code, told);
                    }
                });
            }
        }
    }

    /// <summary>ClosingJob: ContinueClosing for each that is under way, batch by batch.</summary>
    public void ContinueClosings()
    {
        foreach (var underWay in Log.States<Closing>().Where(one => one.IsUnderWay).ToArray())
        {
            var isMore = true;
            while (isMore && Node.Do(() => isMore = ContinueClosing(underWay)))
            {
            }
        }
    }

    private bool ContinueClosing(Closing closing)
    {
        var linked = Log.States<WorkspaceSettlement>().Where(workspace => workspace.InstanceKey == closing.Instance.ToString()).OrderBy(workspace => workspace.Id, StringComparer.Ordinal).ToArray();
        var batch = scenario.Broken is BrokenRule.SkippedLock ? linked.SkipLast(1).Take(BatchSize).ToArray() : linked.Take(BatchSize).ToArray();
        foreach (var workspace in batch)
        {
            Append(workspace.Id, WorkspaceSettlementDecider.LoseSubscription(workspace, closing.Instance, closing.Effect, closing.ClosedAt));
        }

        if (batch.Length == 0)
        {
            Append(closing.Id, ClosingDecider.Announce(closing, Now));
        }

        return batch.Length > 0;
    }

    private void Hear(IIntegrationEvent told)
    {
        switch (told)
        {
            // StartClosings
            case CloudSubscriptionClosedIntegrationEvent e when Log.Find<Closing>(Closing.Key(e.Instance)) is null:
                var concerned = Log.States<WorkspaceSettlement>().Where(workspace => workspace.InstanceKey == e.Instance.ToString()).ToArray();
                Append(Closing.Key(e.Instance), [new ClosingStarted(
                    e.Instance, e.AccountId, e.OccurredAt, ProviderPolicy.Of(Huawei).OnCancelled,
                    [.. concerned.GroupBy(workspace => workspace.Site).OrderBy(site => site.Key.Value, StringComparer.Ordinal).Select(site => new ConcernedSite(site.Key, site.Count()))],
                    [.. concerned.Select(workspace => workspace.Account).Distinct()], Now)]);
                break;
            // FollowFreeze: the present state decides, not the message.
            case CloudSubscriptionFrozenIntegrationEvent e when SubscriptionOf(e.Instance).State is CloudSubscriptionState.Frozen:
                foreach (var workspace in LinkedTo(e.Instance).Where(workspace => !workspace.Has(LockReason.SubscriptionFrozen)))
                {
                    Append(workspace.Id, WorkspaceSettlementDecider.Freeze(workspace, e.Instance, e.OccurredAt));
                }

                break;
            case CloudSubscriptionUnfrozenIntegrationEvent e when SubscriptionOf(e.Instance).State is CloudSubscriptionState.Active:
                foreach (var workspace in LinkedTo(e.Instance).Where(workspace => workspace.Has(LockReason.SubscriptionFrozen)))
                {
                    Append(workspace.Id, WorkspaceSettlementDecider.Unfreeze(workspace, e.Instance, e.OccurredAt));
                }

                break;
            // NotePayerChanges
            case IWorkspaceSettlementFact e:
                NotePayerChange(e.WorkspaceId.Value, e is WorkspaceBoundIntegrationEvent ? DateTimeOffset.MinValue : e.OccurredAt);
                break;
            // NoteCloudCharges
            case CloudChargeStatedIntegrationEvent e:
                ChargeOf(e.Instance.InstanceId).Hear(e.SourceVersion, e.Total.Amount, e.DayEndsAt);
                break;
        }
    }

    private void Hear(string site, object told)
    {
        switch (told)
        {
            case ClosingAcknowledged e:
                CheckAcknowledgement(site, e);
                Append(e.ClosingId, ClosingDecider.Acknowledge(Log.Find<Closing>(e.ClosingId)!, SiteCode.Of(site), e.At));
                break;
            case ExpiredAtSite e:
                Append(e.Workspace, WorkspaceSettlementDecider.NoteExpired(Log.Find<WorkspaceSettlement>(e.Workspace)!, e.At));
                break;
            case DissolvedAtSite e:
                Append(e.Workspace, WorkspaceSettlementDecider.NoteDissolved(Log.Find<WorkspaceSettlement>(e.Workspace)!, e.At, "owner"));
                break;
            case UsageTotalsToldIntegrationEvent e:
                NoteTotals(e);
                break;
        }
    }

    /// <summary>What a site acknowledges it has noted: of each workspace that the closing locked there, all up to that lock.</summary>
    private void CheckAcknowledgement(string site, ClosingAcknowledged acknowledged)
    {
        foreach (var fact in Log.All)
        {
            if (fact.Data is WorkspaceLocked { ClosingId: { } closing } locked && closing == acknowledged.ClosingId && locked.Site.Value == site
                && Sites[site].VersionOf(fact.Stream) < fact.Version)
            {
                throw new ViolationException("what a site acknowledges it has applied", $"{site} acknowledged {closing}, but knows {fact.Stream} only up to {Sites[site].VersionOf(fact.Stream)} of {fact.Version}.");
            }
        }
    }

    private void Read<T>(string feed, int count, Func<int, T?> at, Action<IReadOnlyList<T>> hear)
        where T : class
    {
        var cursor = cursors.GetValueOrDefault(feed);
        if (!Node.IsCalm && dice.Chance(scenario.Weather.Duplicate))
        {
            cursor = Math.Max(0, cursor - dice.Below(PageSize));
        }

        while (cursor < count)
        {
            var (from, to) = (cursor, Math.Min(cursor + PageSize, count));
            if (!Node.Do(() =>
            {
                hear([.. Enumerable.Range(from, to - from).Select(at).OfType<T>()]);
                cursors[feed] = Math.Max(cursors.GetValueOrDefault(feed), to);
            }))
            {
                return;
            }

            cursor = to;
        }
    }

    private Task<MarketplaceResult> Take(string instanceId, Func<CloudSubscription, IReadOnlyList<object>> decide)
    {
        if (!streamOfInstance.TryGetValue(instanceId, out var stream))
        {
            return Task.FromResult(new MarketplaceResult(MarketplaceResultCodes.InstanceNotFound, "No such instance."));
        }

        Commit(() => Append(stream, decide(Log.Find<CloudSubscription>(stream)!)));
        return Task.FromResult(MarketplaceResult.Success);
    }

    private void Commit(Action command)
    {
        if (!Node.Do(command))
        {
            throw new IOException("The deployment crashed.");
        }
    }

    private void Append(string stream, IEnumerable<object> news) => Log.Append(stream, news, Now);

    private CloudSubscription SubscriptionOf(CloudInstanceKey instance) => Log.Find<CloudSubscription>(streamOfInstance[instance.InstanceId])!;

    private WorkspaceSettlement[] LinkedTo(CloudInstanceKey instance) =>
        [.. Log.States<WorkspaceSettlement>().Where(workspace => workspace.InstanceKey == instance.ToString() && !workspace.IsDissolved).OrderBy(workspace => workspace.Id, StringComparer.Ordinal)];

    private (LinkState State, DateTimeOffset? ClosedAt) LinkOf(WorkspaceSettlement workspace) =>
        workspace.Cloud is not { } cloud ? (LinkState.None, null)
        : SubscriptionOf(cloud.Instance) is { State: CloudSubscriptionState.Closed } closed ? (LinkState.Closed, closed.ClosedAt)
        : (LinkState.Open, null);

    private CloudLink? NewestActive(string accountId) => Log.States<CloudSubscription>()
        .Where(subscription => subscription.AccountId == accountId && subscription.State is CloudSubscriptionState.Active).MaxBy(subscription => subscription.OrderPlacedAt) is { } newest
        ? new(Huawei, accountId, newest.InstanceId)
        : null;

    private void CheckClaim(CloudLink? cloud, BillingAccountId account)
    {
        if (cloud is not null && Log.Find<CloudAccountClaim>(CloudAccountClaim.Key(Huawei, cloud.AccountId)) is { } claim && claim.Account != account)
        {
            throw SettlementRefusals.CloudAccountClaimed();
        }
    }

    private void Claim(CloudLink? cloud, BillingAccountId account)
    {
        if (cloud is not null && Log.Find<CloudAccountClaim>(CloudAccountClaim.Key(Huawei, cloud.AccountId)) is null)
        {
            Append(CloudAccountClaim.Key(Huawei, cloud.AccountId), [new CloudAccountClaimed(Huawei, cloud.AccountId, account, Now)]);
        }
    }

    /// <summary>Order query shows whole seconds.</summary>
    private static DateTimeOffset Second(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));

    private sealed class Services(IMarketplaceSeller seller, INonceStore nonces) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(IMarketplaceSeller) ? seller : serviceType == typeof(INonceStore) ? nonces : null;
    }

    private sealed class Nonces : INonceStore
    {
        private readonly HashSet<string> used = new(StringComparer.Ordinal);

        public ValueTask<bool> TryRememberAsync(string nonce, DateTimeOffset until, CancellationToken cancellationToken) => new(used.Add(nonce));
    }

    private sealed class TheOptions(HuaweiMarketplaceOptions first) : Microsoft.Extensions.Options.IOptionsMonitor<HuaweiMarketplaceOptions>
    {
        public HuaweiMarketplaceOptions CurrentValue { get; set; } = first;

        public HuaweiMarketplaceOptions Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<HuaweiMarketplaceOptions, string?> listener) => null;
    }
}
