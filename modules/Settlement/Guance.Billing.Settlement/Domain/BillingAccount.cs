namespace Guance.Billing.Settlement.Domain;

/// <summary>The account exists. How its people sign in and are reached is kept in a table, not in facts that stay for ever.</summary>
internal sealed record BillingAccountOpened(BillingAccountId Account, string Username, string CompanyName, DateTimeOffset At);

/// <summary>It has its first workspace at the site.</summary>
internal sealed record BillingAccountJoinedSite(BillingAccountId Account, SiteCode Site, string Username, string CompanyName, DateTimeOffset At);

/// <summary>The staff let it choose any method at any site (rules §2).</summary>
internal sealed record ArbitrarySettlementAllowed(string By, DateTimeOffset At);

internal sealed record ArbitrarySettlementWithdrawn(string By, DateTimeOffset At);

/// <summary>A billing account. Its stream's key is its id.</summary>
internal sealed record BillingAccount
{
    public required string Id { get; init; }

    /// <summary>The stream's version; set by the store.</summary>
    public int Version { get; set; }

    public required string Username { get; init; }

    public required string CompanyName { get; init; }

    public required DateTimeOffset OpenedAt { get; init; }

    public bool ArbitrarySettlement { get; init; }

    public IReadOnlyList<SiteCode> Sites { get; init; } = [];

    /// <summary>Null while the account owes nothing.</summary>
    public AccountArrears? Arrears { get; init; }

    public static BillingAccount Create(BillingAccountOpened e) =>
        new() { Id = e.Account.Value, Username = e.Username, CompanyName = e.CompanyName, OpenedAt = e.At };

    public BillingAccount Apply(BillingAccountJoinedSite e) => this with { Sites = [.. Sites, e.Site] };

    public BillingAccount Apply(ArbitrarySettlementAllowed _) => this with { ArbitrarySettlement = true };

    public BillingAccount Apply(ArbitrarySettlementWithdrawn _) => this with { ArbitrarySettlement = false };

    public BillingAccount Apply(ArrearsBegan e) => this with { Arrears = new(e.Since, ArrearsStep.Began) };

    public BillingAccount Apply(ArrearsReminded e) => this with { Arrears = new(e.Since, ArrearsStep.Reminded) };

    public BillingAccount Apply(ArrearsLocked e) => this with { Arrears = new(e.Since, ArrearsStep.Locked) };

    public BillingAccount Apply(ArrearsCleared _) => this with { Arrears = null };
}

internal static class BillingAccountDecider
{
    /// <summary>A workspace at the site is bound to the account; its first one there is told to the site.</summary>
    public static IReadOnlyList<object> JoinSite(BillingAccount state, SiteCode site, DateTimeOffset now) =>
        state.Sites.Contains(site) ? [] : [new BillingAccountJoinedSite(BillingAccountId.Of(state.Id), site, state.Username, state.CompanyName, now)];

    public static IReadOnlyList<object> SetArbitrarySettlement(BillingAccount state, bool allowed, string by, DateTimeOffset now) =>
        state.ArbitrarySettlement == allowed ? []
        : allowed ? [new ArbitrarySettlementAllowed(by, now)]
        : [new ArbitrarySettlementWithdrawn(by, now)];
}
