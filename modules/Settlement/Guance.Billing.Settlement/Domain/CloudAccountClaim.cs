namespace Guance.Billing.Settlement.Domain;

/// <summary>The cloud account belongs to the billing account, for ever (rules §1: the first that claims it).</summary>
internal sealed record CloudAccountClaimed(CloudProvider Provider, string AccountId, BillingAccountId Account, DateTimeOffset At);

/// <summary>Who has claimed a cloud account. One stream a cloud account, so of two that claim it at once one comes second.</summary>
internal sealed record CloudAccountClaim
{
    public required string Id { get; init; }

    public int Version { get; set; }

    public required CloudProvider Provider { get; init; }

    public required string AccountId { get; init; }

    public required BillingAccountId Account { get; init; }

    public required DateTimeOffset ClaimedAt { get; init; }

    /// <summary>The owner as text, for the index.</summary>
    public string AccountKey => Account.Value;

    /// <summary>The stream's key.</summary>
    public static string Key(CloudProvider provider, string accountId) => $"claim_{provider}_{accountId}";

    public static CloudAccountClaim Create(CloudAccountClaimed e) => new()
    {
        Id = Key(e.Provider, e.AccountId),
        Provider = e.Provider,
        AccountId = e.AccountId,
        Account = e.Account,
        ClaimedAt = e.At,
    };
}
