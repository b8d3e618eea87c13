namespace Guance.Billing.Settlement.Documents;

/// <summary>What sites are called, as the list of sites says.</summary>
internal sealed class SiteNames
{
    private readonly Dictionary<string, string> names = Resources.Text("sites.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1)
        .Select(line => line.Split(',')).ToDictionary(site => site[0], site => site[1], StringComparer.Ordinal);

    /// <summary>A site's name; its code where the list has none.</summary>
    public string Of(string site) => names.GetValueOrDefault(site, site);
}
