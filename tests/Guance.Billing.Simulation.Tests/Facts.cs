using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Publishing;
using Guance.Billing.Platform.Events;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Publishing;
using JasperFx.Events;

namespace Guance.Billing.Simulation.Tests;

/// <summary>A fact in its place in the log of a deployment.</summary>
internal sealed record Fact(string Stream, int Version, object Data, DateTimeOffset At)
{
    private static readonly IIntegrationEventMapper[] Mappers = [new SettlementPublisher(), new CloudAccountsPublisher()];

    /// <summary>What others hear of it, as the modules' own publishers say it; null: nothing.</summary>
    public IIntegrationEvent? Told { get; } = Tell(Stream, Version, Data);

    private static IIntegrationEvent? Tell(string stream, int version, object data)
    {
        var wrapped = (IEvent)Activator.CreateInstance(typeof(Event<>).MakeGenericType(data.GetType()), data)!;
        (wrapped.StreamKey, wrapped.Version, wrapped.Id) = (stream, version, Ids.DeterministicGuid("simulated", stream, $"{version}"));
        return Mappers.Select(mapper => mapper.Map(wrapped)).FirstOrDefault(told => told is not null);
    }
}

/// <summary>The facts of the Billing Center and the states that they fold to, by the modules' own folds.</summary>
internal sealed class FactLog
{
    private readonly List<Fact> facts = [];
    private readonly Dictionary<string, (object State, int Version)> states = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, List<string>> streams = [];

    public IReadOnlyList<Fact> All => facts;

    public IEnumerable<T> States<T>() => streams.GetValueOrDefault(typeof(T), []).Select(stream => (T)states[stream].State);

    public T? Find<T>(string stream)
        where T : class => states.GetValueOrDefault(stream).State as T;

    public int VersionOf(string stream) => states.GetValueOrDefault(stream).Version;

    public void Append(string stream, IEnumerable<object> news, DateTimeOffset at)
    {
        foreach (var data in news)
        {
            var (state, version) = states.GetValueOrDefault(stream);
            facts.Add(new(stream, version + 1, data, at));
            states[stream] = (Fold(state, data, version + 1), version + 1);
            if (version == 0)
            {
                var kind = states[stream].State.GetType();
                (streams.TryGetValue(kind, out var known) ? known : streams[kind] = []).Add(stream);
            }
        }
    }

    /// <summary>The state of every stream, made of its facts alone.</summary>
    public IReadOnlyDictionary<string, object> Rebuilt()
    {
        var rebuilt = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var fact in facts)
        {
            rebuilt[fact.Stream] = Fold(rebuilt.GetValueOrDefault(fact.Stream), fact.Data, fact.Version);
        }

        return rebuilt;
    }

    private static object Fold(object? before, object data, int version)
    {
        object after = (before, data) switch
        {
            (_, SubscriptionRequested e) => CloudSubscription.Create(e),
            (CloudSubscription s, SubscriptionActivated e) => s.Apply(e),
            (CloudSubscription s, ClosedSubscriptionIdentified e) => s.Apply(e),
            (CloudSubscription s, SubscriptionFrozen e) => s.Apply(e),
            (CloudSubscription s, SubscriptionUnfrozen e) => s.Apply(e),
            (CloudSubscription s, SubscriptionClosed e) => s.Apply(e),
            (_, WorkspaceBound e) => WorkspaceSettlement.Create(e),
            (WorkspaceSettlement s, _) => WorkspaceSettlementDecider.After(s, [data]),
            (_, ClosingStarted e) => Closing.Create(e),
            (Closing s, _) => ClosingDecider.After(s, [data]),
            (_, BillingAccountOpened e) => BillingAccount.Create(e),
            (BillingAccount s, BillingAccountJoinedSite e) => s.Apply(e),
            (BillingAccount s, ArrearsBegan e) => s.Apply(e),
            (BillingAccount s, ArrearsReminded e) => s.Apply(e),
            (BillingAccount s, ArrearsLocked e) => s.Apply(e),
            (BillingAccount s, ArrearsCleared e) => s.Apply(e),
            (_, CloudAccountClaimed e) => CloudAccountClaim.Create(e),
            (_, CloudChargeStated e) => e,
            _ => throw new InvalidOperationException($"{data.GetType().Name} does not belong to {before?.GetType().Name ?? "nothing"}."),
        };
        switch (after)
        {
            case WorkspaceSettlement workspace:
                workspace.Version = version;
                break;
            case Closing closing:
                closing.Version = version;
                break;
            case BillingAccount account:
                account.Version = version;
                break;
        }

        return after;
    }
}
