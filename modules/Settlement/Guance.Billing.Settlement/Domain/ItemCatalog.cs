using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>What a site may meter from now on: all of it.</summary>
internal sealed record ItemCatalogPublished(SiteCode Site, IReadOnlyList<MeteredItem> Items, DateTimeOffset At);

/// <summary>What a site was told last that it may meter. Its stream's key is <c>item_catalog_</c> and the site.</summary>
internal sealed record ItemCatalog
{
    public required string Id { get; init; }

    /// <summary>The stream's version; set by the store.</summary>
    public int Version { get; set; }

    public required SiteCode Site { get; init; }

    public required IReadOnlyList<MeteredItem> Items { get; init; }

    public static string Key(SiteCode site) => $"item_catalog_{site}";

    public static ItemCatalog Create(ItemCatalogPublished e) => new() { Id = Key(e.Site), Site = e.Site, Items = e.Items };

    public ItemCatalog Apply(ItemCatalogPublished e) => this with { Items = e.Items };

    public bool Has(IReadOnlyList<MeteredItem> items) => Items.Count == items.Count && Items.Zip(items).All(pair =>
        pair.First.Code == pair.Second.Code && pair.First.Aggregation == pair.Second.Aggregation
        && pair.First.DefaultRetentionDays == pair.Second.DefaultRetentionDays && pair.First.RetentionDays.SequenceEqual(pair.Second.RetentionDays));
}
