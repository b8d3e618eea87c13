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
        new($"{subscription.Value}/{orderId}", subscription.Value, orderId, orderLineId, purpose, now);

    public static PendingOrder Notified(string orderId, string? orderLineId, DateTimeOffset now) =>
        new($"notified/{orderId}/{orderLineId}", null, orderId, orderLineId, OrderPurpose.Notified, now);

    /// <summary>Tries again later: after 5 s, then twice as long each time, at most an hour; an order that the market will not show, hourly.</summary>
    public PendingOrder Failed(string error, bool mayRetry, DateTimeOffset now) => this with
    {
        Attempts = Attempts + 1,
        LastError = error,
        NextAttemptAt = now + (mayRetry ? TimeSpan.FromSeconds(Math.Min(3600, 5 * Math.Pow(2, Math.Min(Attempts, 10)))) : TimeSpan.FromHours(1)),
    };
}
