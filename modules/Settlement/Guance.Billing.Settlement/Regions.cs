using Guance.Billing.Platform;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Settlement;

/// <summary>The region group by which each site is priced: as the list of sites says, or a setting.</summary>
internal sealed class Regions
{
    private readonly Dictionary<string, string> bySite;

    private Regions(Dictionary<string, string> regions)
    {
        bySite = regions;
        Sites = [.. regions.Keys];
        Names = [.. regions.Values];
    }

    /// <summary>The sites; <see cref="Names"/> has the region of each at the same place.</summary>
    public string[] Sites { get; }

    public string[] Names { get; }

    public string Of(SiteCode site) => bySite[site.Value];

    /// <summary>The region of a site that may not be of this deployment any more.</summary>
    public string? Find(string site) => bySite.GetValueOrDefault(site);

    /// <summary>Reads the list of sites and <c>Settlement__Regions__&lt;site&gt;</c>.</summary>
    /// <exception cref="InvalidOperationException">A site of this deployment has no region.</exception>
    public static Regions From(IConfiguration configuration, Deployment deployment)
    {
        var regions = Resources.Text("sites.csv").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1)
            .Select(line => line.Split(',')).ToDictionary(site => site[0], site => site[^1], StringComparer.Ordinal);
        foreach (var setting in configuration.GetSection("Settlement:Regions").GetChildren())
        {
            regions[setting.Key] = setting.Value ?? "";
        }

        foreach (var site in deployment.SiteUrls.Keys.Where(site => !regions.ContainsKey(site.Value)))
        {
            throw new InvalidOperationException($"Settlement__Regions__{site} is missing: the region of the price book by which the site is charged, such as china or overseas.");
        }

        return new(regions);
    }
}

internal static class Resources
{
    public static string Text(string name)
    {
        using var stream = typeof(Resources).Assembly.GetManifestResourceStream($"{typeof(Resources).Namespace}.Resources.{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
