namespace Guance.Billing.CloudAccounts.Jobs;

/// <summary>Why an order is to be fetched.</summary>
internal enum OrderPurpose
{
    /// <summary>It made an instance.</summary>
    Purchase,

    /// <summary>It changed an expiry.</summary>
    Expiry,

    /// <summary>The market or an operator named it; the call that makes its instance may have been missed.</summary>
    Notified,
}

/// <summary>An order that the background has to fetch; deleted when it is known.</summary>
internal sealed record PendingOrder(string Id, string? SubscriptionId, string OrderId, string? OrderLineId, OrderPurpose Purpose, DateTimeOffset NextAttemptAt)
{
    public int Attempts { get; init; }

    public string? LastError { get; init; }

    public static PendingOrder For(CloudSubscriptionId subscription, string orderId, string? orderLineId, OrderPurpose purpose, DateTimeOffset now) =>
        new($"{purpose}/{subscription.Value}/{orderId}/{orderLineId}", subscription.Value, orderId, orderLineId, purpose, now);

    public static PendingOrder Notified(string orderId, string? orderLineId, DateTimeOffset now) =>
        new($"{OrderPurpose.Notified}/{orderId}/{orderLineId}", null, orderId, orderLineId, OrderPurpose.Notified, now);

    /// <summary>
    /// Tries again later: after 5 s, then twice as long each time, at most 10 minutes, since the market gives a creation up after three
    /// hours (protocol §4.1).
    /// </summary>
    public PendingOrder Failed(string error, DateTimeOffset now) => this with
    {
        Attempts = Attempts + 1,
        LastError = error,
        NextAttemptAt = now + TimeSpan.FromSeconds(Math.Min(600, 5 * Math.Pow(2, Math.Min(Attempts, 7)))),
    };
}
