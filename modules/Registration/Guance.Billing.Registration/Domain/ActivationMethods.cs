namespace Guance.Billing.Registration.Domain;

/// <summary>A method that a site can offer, and what it needs.</summary>
/// <param name="Method">The method.</param>
/// <param name="Sites">The sites that offer it to everybody; <c>*</c> stands for all. Its host cloud's method a site offers anyway.</param>
/// <param name="MarketUrl">Where the product is bought on the cloud's market; null for the Billing Center.</param>
internal sealed record ActivationMethod(SettlementMethod Method, IReadOnlyList<string> Sites, string? MarketUrl);


/// <summary>Which site offers which activation methods (rules §2, step 3): the Billing Center, the host cloud, and what is configured.</summary>
/// <param name="All">Every method there is, in the order in which they are shown.</param>
/// <param name="HostClouds">The cloud that hosts each site.</param>
internal sealed record ActivationMethods(IReadOnlyList<ActivationMethod> All, IReadOnlyDictionary<SiteCode, string> HostClouds)
{
    /// <summary>What a site offers to everybody.</summary>
    public IReadOnlyList<ActivationMethod> OfferedAt(SiteCode site) => [.. All.Where(method => Offers(site, method))];

    /// <summary>The method that is chosen first at a site: its host cloud's, else the Billing Center.</summary>
    public SettlementMethod PreselectedAt(SiteCode site) =>
        OfferedAt(site).FirstOrDefault(method => method.Method.Value == HostClouds.GetValueOrDefault(site))?.Method ?? SettlementMethod.BillingCenter;

    /// <summary>Whether there is such a method anywhere.</summary>
    public bool Knows(SettlementMethod method) => All.Any(known => known.Method == method);

    /// <summary>Whether a site offers the method to everybody.</summary>
    public bool Offers(SiteCode site, SettlementMethod method) => All.Any(known => known.Method == method && Offers(site, known));

    private bool Offers(SiteCode site, ActivationMethod method) =>
        method.Sites.Contains("*") || method.Sites.Contains(site.Value) || method.Method.Value == HostClouds.GetValueOrDefault(site);
}
