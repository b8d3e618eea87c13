using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>Where the subscription stands that settles a workspace now, as CloudAccounts says.</summary>
internal enum LinkState
{
    /// <summary>No cloud account settles the workspace.</summary>
    None,

    /// <summary>Active or frozen.</summary>
    Open,

    Closed,
}

/// <summary>A method that somebody wants: the Billing Center, or a subscription that was found to be good for it.</summary>
internal sealed record WantedMethod(SettlementMethod Method, CloudLink? Cloud)
{
    public static WantedMethod BillingCenter { get; } = new(SettlementMethod.BillingCenter, null);

    public static WantedMethod By(CloudLink cloud) => new(SettlementMethod.Cloud(cloud.Provider), cloud);
}

/// <summary>What may happen to a workspace's settlement (rules §4-6). Pure: the same state and facts give the same events.</summary>
internal static class WorkspaceSettlementDecider
{
    /// <summary>
    /// A user changes the method. Refuses before it is known which subscription is wanted, so that nobody is asked for one in vain.
    /// </summary>
    /// <param name="state">The workspace.</param>
    /// <param name="link">Where its present subscription stands.</param>
    /// <param name="zone">The billing time zone, whose calendar months count.</param>
    /// <param name="now">The present instant.</param>
    public static void MayChangeMethod(WorkspaceSettlement state, LinkState link, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (state.IsDissolved)
        {
            throw SettlementRefusals.WorkspaceDissolved();
        }

        if (link is LinkState.Open)
        {
            throw SettlementRefusals.CloudSubscriptionOpen(state.Cloud!.Instance);
        }

        if (link is LinkState.Closed)
        {
            // Leaving now would escape the lock that the closing is about to bring.
            throw SettlementRefusals.ClosingUnderWay();
        }

        if (state.Reasons.Count > 0 && !IsRebinding(state))
        {
            throw SettlementRefusals.WorkspaceIsLocked();
        }

        if (!IsRebinding(state) && NextChangeAt(state, zone) is { } next && now < next)
        {
            throw SettlementRefusals.ChangeLimitReached(next);
        }
    }

    /// <summary>The change itself; <see cref="MayChangeMethod"/> has let it through, and the wanted subscription is active and this account's.</summary>
    public static IReadOnlyList<object> ChangeMethod(WorkspaceSettlement state, WantedMethod wanted, string by, DateTimeOffset now)
    {
        if (Same(state, wanted))
        {
            return [];
        }

        var at = Later(now, state.MethodSince);
        if (!IsRebinding(state))
        {
            return [new WorkspaceMethodChanged(state.Site, state.Method, wanted.Method, wanted.Cloud, MethodChangeCause.User, by, at)];
        }

        // The customer subscribed again and binds it: that is one of the ways to unlock (facts §4), so it doesn't count as a change.
        return
        [
            new WorkspaceMethodChanged(state.Site, state.Method, wanted.Method, wanted.Cloud, MethodChangeCause.Unlock, by, at),
            new WorkspaceLockLifted(state.Site, LockReason.SubscriptionClosed, at, by, null),
        ];
    }

    /// <summary>Whether the workspace is settled just so already: then a change is accepted and does nothing.</summary>
    public static bool Same(WorkspaceSettlement state, WantedMethod wanted) => state.Method == wanted.Method && state.Cloud == wanted.Cloud;

    /// <summary>From when the user may change the method again; null when now (rules §4: once per calendar month).</summary>
    public static DateTimeOffset? NextChangeAt(WorkspaceSettlement state, TimeZoneInfo zone) =>
        state.UserChangedAt is { } last ? NextMonth(last, zone) : null;

    /// <summary>The first instant of the calendar month after the one in which <paramref name="at"/> lies, in the zone.</summary>
    public static DateTimeOffset NextMonth(DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var first = new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
        while (zone.IsInvalidTime(first))
        {
            // A zone may skip its midnight when summer time begins.
            first += TimeSpan.FromMinutes(1);
        }

        return new DateTimeOffset(first, zone.GetUtcOffset(first)).ToUniversalTime();
    }

    /// <summary>
    /// The subscription was closed at the cloud market: the link is lost at that instant, and from it on the billing account pays (rules
    /// §5). For a workspace that is not settled by the instance there is nothing to do.
    /// </summary>
    public static IReadOnlyList<object> LoseSubscription(
        WorkspaceSettlement state, CloudInstanceKey instance, CancellationEffect effect, DateTimeOffset closedAt)
    {
        if (state.Cloud?.Instance != instance)
        {
            return [];
        }

        var by = $"provider:{instance.Provider}";
        // The market may date the closing before the workspace was bound: what was cut stays cut.
        var at = Later(closedAt, state.MethodSince);
        var events = new List<object>
        {
            new WorkspaceMethodChanged(state.Site, state.Method, SettlementMethod.BillingCenter, null, MethodChangeCause.Provider, by, at),
        };
        if (effect is CancellationEffect.UnlinkAndLock)
        {
            events.AddRange(Lock(state, LockReason.SubscriptionClosed, at, by, null, Closing.Key(instance)));
        }

        // What is closed is not frozen any more; lifted after the new lock, so that the lock goes on without a break.
        if (state.Has(LockReason.SubscriptionFrozen) && !state.IsDissolved)
        {
            events.Add(new WorkspaceLockLifted(state.Site, LockReason.SubscriptionFrozen, at, by, null));
        }

        return events;
    }

    /// <summary>The subscription is frozen: locks, keeps the link.</summary>
    public static IReadOnlyList<object> Freeze(WorkspaceSettlement state, CloudInstanceKey instance, DateTimeOffset at) =>
        state.Cloud?.Instance == instance
            ? Lock(state, LockReason.SubscriptionFrozen, Later(at, state.MethodSince), $"provider:{instance.Provider}", null)
            : [];

    /// <summary>The subscription is active again: lifts that lock.</summary>
    public static IReadOnlyList<object> Unfreeze(WorkspaceSettlement state, CloudInstanceKey instance, DateTimeOffset at) =>
        state.Cloud?.Instance == instance ? Lift(state, LockReason.SubscriptionFrozen, at, $"provider:{instance.Provider}", null) : [];

    /// <summary>A reason to lock holds from an instant on. One that holds already, or a dissolved workspace: nothing to do.</summary>
    public static IReadOnlyList<object> Lock(
        WorkspaceSettlement state, LockReason reason, DateTimeOffset at, string by, string? note, string? closingId = null)
    {
        if (state.IsDissolved || state.Has(reason))
        {
            return [];
        }

        // Facts may arrive late: the lock began with the earliest of them, but not before the last one had ended.
        var from = Later(at, state.UnlockedAt ?? state.BoundAt);
        var since = state.LockedSince is { } present && present < from ? present : from;
        return [new WorkspaceLocked(state.Site, reason, from, since, by, note, closingId)];
    }

    /// <summary>A reason holds no longer. One that does not hold: nothing to do.</summary>
    public static IReadOnlyList<object> Lift(WorkspaceSettlement state, LockReason reason, DateTimeOffset at, string by, string? note) =>
        state.IsDissolved || !state.Has(reason)
            ? []
            : [new WorkspaceLockLifted(state.Site, reason, Later(at, state.LockedSince!.Value), by, note)];

    /// <summary>
    /// The billing account's user unlocks (rules §6): afterwards the Billing Center settles, so not while the account is in arrears, whatever
    /// the lock's reason. Expired is no hindrance; not locked is nothing to do.
    /// </summary>
    public static IReadOnlyList<object> Unlock(WorkspaceSettlement state, bool accountInArrears, string by, DateTimeOffset now)
    {
        if (state.IsDissolved)
        {
            throw SettlementRefusals.WorkspaceDissolved();
        }

        if (state.Has(LockReason.Operator))
        {
            throw SettlementRefusals.OperatorLockHolds();
        }

        if (state.Reasons.Count == 0)
        {
            return [];
        }

        return accountInArrears || state.Has(LockReason.Arrears)
            ? throw SettlementRefusals.AccountInArrears()
            : UnlockWhatever(state, by, null, now);
    }

    /// <summary>
    /// An operator unlocks, whatever holds. A cloud account that still settles goes on settling when nothing was wrong with its
    /// subscription; else the Billing Center settles afterwards, as for a user.
    /// </summary>
    public static IReadOnlyList<object> UnlockByOperator(WorkspaceSettlement state, string by, string note, DateTimeOffset now)
    {
        if (state.IsDissolved)
        {
            throw SettlementRefusals.WorkspaceDissolved();
        }

        if (state.Reasons.Count == 0)
        {
            return [];
        }

        return state.Cloud is not null && !state.Has(LockReason.SubscriptionFrozen)
            ? [.. state.Reasons.SelectMany(reason => Lift(state, reason, now, by, note))]
            : UnlockWhatever(state, by, note, now);
    }

    /// <summary>The site says that the buffer has ended.</summary>
    public static IReadOnlyList<object> NoteExpired(WorkspaceSettlement state, DateTimeOffset at) =>
        state.IsDissolved || state.LockedSince is null || at < state.LockedSince || state.ExpiredAt is not null
            ? []
            : [new WorkspaceExpired(state.Site, at)];

    /// <summary>The site says that the owner dissolved it.</summary>
    public static IReadOnlyList<object> NoteDissolved(WorkspaceSettlement state, DateTimeOffset at, string by) =>
        state.IsDissolved ? [] : [new WorkspaceDissolved(state.Site, at, by)];

    /// <summary>The state after further events: for what is decided in two steps, and for previews and tests.</summary>
    public static WorkspaceSettlement After(WorkspaceSettlement state, IEnumerable<object> events) => events.Aggregate(state, (before, e) => e switch
    {
        WorkspaceMethodChanged changed => before.Apply(changed),
        WorkspaceLocked locked => before.Apply(locked),
        WorkspaceLockLifted lifted => before.Apply(lifted),
        WorkspaceUnlocked unlocked => before.Apply(unlocked),
        WorkspaceExpired expired => before.Apply(expired),
        WorkspaceDissolved dissolved => before.Apply(dissolved),
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a workspace's settlement."),
    });

    /// <summary>The subscription was closed and nothing else holds: a new subscription may be bound, which unlocks.</summary>
    private static bool IsRebinding(WorkspaceSettlement state) => state.Reasons is [LockReason.SubscriptionClosed];

    private static IReadOnlyList<object> UnlockWhatever(WorkspaceSettlement state, string by, string? note, DateTimeOffset now)
    {
        var at = Later(Later(now, state.MethodSince), state.LockedSince!.Value);
        var unlocked = new WorkspaceUnlocked(state.Site, at, by, note);
        return state.Method.IsCloud
            ? [new WorkspaceMethodChanged(state.Site, state.Method, SettlementMethod.BillingCenter, null, MethodChangeCause.Unlock, by, at), unlocked]
            : [unlocked];
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
