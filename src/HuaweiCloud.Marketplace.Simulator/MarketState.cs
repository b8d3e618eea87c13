using System.Text.Json;
using System.Text.RegularExpressions;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>A market at one moment, as it is kept in a file. Options, and so the keys, are no part of it, nor are passwords.</summary>
internal sealed record MarketState(IReadOnlyList<Order> Orders, IReadOnlyList<Buyer> Buyers, IReadOnlyList<Subscription> Subscriptions,
    IReadOnlyList<PendingCall> Pending, IReadOnlyList<UsageRecord> Usage, IReadOnlyList<CallView> Calls, IReadOnlyList<Violation> Violations,
    Faults Faults, long LastSequence, long LastCallId, long LastTimestampMs);

/// <summary>
/// A call that is still to be made. Its signature is not kept: it may have been sent just before the market stopped, and the seller
/// refuses a nonce that it has seen.
/// </summary>
internal sealed record PendingCall(string Activity, string Subscription, string? OrderId, Dictionary<string, string> Fields, bool IsV1, bool IsDuplicate,
    bool IsOnce, long Sequence, DateTimeOffset FirstMadeAt, int Attempt, DateTimeOffset DueAt, bool Reordered);

internal sealed partial class Market
{
    private const int CallsSaved = 1_000;
    private long changes;

    /// <summary>Differs from an earlier value when something was changed that <see cref="Save"/> tells of.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>A copy of the state, which later changes leave alone.</summary>
    public MarketState Save()
    {
        lock (gate)
        {
            return new MarketState(
                [.. orders.Values], [.. buyers.Values], [.. subscriptions.Select(WithoutPassword)],
                [.. calls.Select(c => new PendingCall(c.Activity, c.Subscription!.Order.OrderLineId, c.Order?.OrderId, // only test calls have none, and are not queued
                    c.Fields.ToDictionary(f => f.Key, f => (string)f.Value, StringComparer.Ordinal), c.IsV1, c.IsDuplicate, c.IsOnce, c.Sequence, c.FirstMadeAt,
                    c.Attempt, c.DueAt, c.Reordered))],
                [.. usage.Records.Select(r => r.Copy())], [.. log.TakeLast(CallsSaved).Select(c => c with { AnswerBody = WithoutPassword(c.AnswerBody) })], [.. violations], faults, lastSequence, lastCallId, lastTimestampMs);
        }
    }

    /// <summary>Takes up where the saved market stopped; for a market in which nothing has happened yet. The dice start anew.</summary>
    public void Restore(MarketState state)
    {
        lock (gate)
        {
            foreach (var order in state.Orders)
                orders.Add(order.OrderId, order);
            foreach (var buyer in state.Buyers)
                buyers.Add(buyer.CustomerId, buyer);
            foreach (var subscription in state.Subscriptions)
            {
                Know(subscription);
                if (subscription.InstanceId is { } instanceId)
                    byInstance.Add(instanceId, subscription);
                if (subscription.FirstNamedInstanceId is { } named)
                    firstNamed.TryAdd(named, subscription);
            }
            calls.AddRange(state.Pending.Select(c => new Call
            {
                Activity = c.Activity,
                Subscription = byLine[c.Subscription],
                Order = c.OrderId is null ? null : orders[c.OrderId],
                Fields = c.Fields.ToDictionary(f => f.Key, f => (object)f.Value, StringComparer.Ordinal),
                IsV1 = c.IsV1,
                IsDuplicate = c.IsDuplicate,
                IsOnce = c.IsOnce,
                Sequence = c.Sequence,
                FirstMadeAt = c.FirstMadeAt,
                Attempt = c.Attempt,
                DueAt = c.DueAt,
                Reordered = c.Reordered,
            }));
            usage.Restore(state.Usage);
            foreach (var call in state.Calls)
                log.Enqueue(call);
            foreach (var violation in state.Violations)
                violations.Enqueue(violation);
            faults = state.Faults;
            if (faults.Seed is { } seed)
                dice = new Random(seed);
            (lastSequence, lastCallId, lastTimestampMs) = (state.LastSequence, state.LastCallId, state.LastTimestampMs);
        }
    }

    /// <summary>Sellers tell buyers an initial password in the application information (protocol §2.2).</summary>
    private static Subscription WithoutPassword(Subscription subscription)
    {
        var copy = subscription.Copy();
        if (copy.ApplicationInformation is JsonElement appInfo)
            copy.ApplicationInformation = JsonSerializer.Deserialize<JsonElement>(WithoutPassword(appInfo.GetRawText())!); // some text comes of some text
        return copy;
    }

    private static string? WithoutPassword(string? json) => json is null ? null : Password().Replace(json, "\"password\":\"***\"");

    [GeneratedRegex("""
        "password"\s*:\s*"([^"\\]|\\.)*"
        """, RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Password();

    private void Changed() => Interlocked.Increment(ref changes);
}
