using Guance.Billing.Settlement.Contracts;

namespace Guance.Billing.Settlement.Domain;

/// <summary>What has a price of its own; retention 0 where the item has one price whatever the retention.</summary>
internal sealed record PriceKey(string Item, int RetentionDays, string Currency, string Region);

/// <summary>A price from a day on, per <paramref name="UnitQuantity"/> and day.</summary>
internal sealed record Price(
    string Item, ItemAggregation Aggregation, string Unit, decimal UnitQuantity, int RetentionDays, string Currency, string Region, decimal Amount, DateOnly EffectiveFrom)
{
    public PriceKey Key() => new(Item, RetentionDays, Currency, Region);
}

/// <summary>A price that another version has otherwise.</summary>
internal sealed record PriceChange(Price Old, Price New);

/// <summary>How one version of the price book differs from another.</summary>
internal sealed record PriceBookDifference(IReadOnlyList<Price> Added, IReadOnlyList<PriceChange> Changed, IReadOnlyList<Price> Removed)
{
    public bool IsNone => Added.Count + Changed.Count + Removed.Count == 0;
}

/// <summary>What may stand in the price book, and how it may change (rules §7). Pure.</summary>
internal static class PriceBook
{
    public static PriceBookDifference Compare(IReadOnlyList<Price> before, IReadOnlyList<Price> after)
    {
        var old = before.ToDictionary(price => (price.Key(), price.EffectiveFrom));
        var now = after.ToDictionary(price => (price.Key(), price.EffectiveFrom));
        return new(
            [.. after.Where(price => !old.ContainsKey((price.Key(), price.EffectiveFrom)))],
            [.. after.Where(price => old.TryGetValue((price.Key(), price.EffectiveFrom), out var was) && was != price)
                .Select(price => new PriceChange(old[(price.Key(), price.EffectiveFrom)], price))],
            [.. before.Where(price => !now.ContainsKey((price.Key(), price.EffectiveFrom)))]);
    }

    /// <summary>What is priced now and would not be any more.</summary>
    public static IReadOnlyList<PriceKey> Dropped(IReadOnlyList<Price> before, IReadOnlyList<Price> after) =>
        [.. before.Select(price => price.Key()).Distinct().Except(after.Select(price => price.Key()))];

    /// <summary>The priced things by which a closed day would be rated otherwise; what is new was not rated at all.</summary>
    public static IReadOnlyList<PriceKey> ChangedOnClosedDays(IReadOnlyList<Price> before, IReadOnlyList<Price> after, DateOnly lastClosed)
    {
        var now = after.ToLookup(price => price.Key());
        return
        [
            .. from old in before.GroupBy(price => price.Key())
               where old.Concat(now[old.Key]).Select(price => price.EffectiveFrom).Where(day => day <= lastClosed).Distinct()
                   .Any(day => !SamePrice(At(old, day), At(now[old.Key], day)))
               select old.Key,
        ];
    }

    /// <summary>The price on a day: the one with the latest date that has come.</summary>
    public static Price? At(IEnumerable<Price> pricesOfOneKey, DateOnly day) => pricesOfOneKey.Where(price => price.EffectiveFrom <= day).MaxBy(price => price.EffectiveFrom);

    /// <summary>The items that a site of a region may meter on a day, with the retention that is meant when none is named.</summary>
    public static IReadOnlyList<MeteredItem> Items(IReadOnlyList<Price> prices, string currency, string region, DateOnly day) =>
    [
        .. from price in prices
           where price.Currency == currency && price.Region == region && price.EffectiveFrom <= day
           orderby price.Item, price.RetentionDays
           group price by (price.Item, price.Aggregation) into item
           let retentions = item.Select(price => price.RetentionDays).Where(days => days > 0).Distinct().ToArray()
           select new MeteredItem(item.Key.Item, item.Key.Aggregation, retentions, retentions.Length == 0 ? null : DefaultRetention(item.Key.Item, retentions)),
    ];

    private static int DefaultRetention(string item, int[] retentions)
    {
        var usual = item == "time-series" ? 7 : 14;
        return retentions.Contains(usual) ? usual : retentions[0];
    }

    private static bool SamePrice(Price? one, Price? other) =>
        (one?.Amount, one?.UnitQuantity, one?.Aggregation) == (other?.Amount, other?.UnitQuantity, other?.Aggregation);
}
