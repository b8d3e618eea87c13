using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Platform;

/// <summary>What a running instance is: the Billing Center or a site.</summary>
public enum DeploymentRole
{
    /// <summary>Spans all sites; holds accounts, money, methods and locks.</summary>
    BillingCenter,

    /// <summary>An isolated site with its own users, workspaces and data.</summary>
    Site,
}

/// <summary>
/// Who this deployment is, read once from the section <c>Deployment</c> (<c>Deployment__Role</c>, <c>Deployment__Site</c>, …) and
/// <c>Billing</c>. One instance a host: nothing of it is static, so that several deployments can live in one process.
/// </summary>
public sealed record Deployment
{
    /// <summary>The name under which the Billing Center stands in feeds and client ids.</summary>
    public const string BillingCenterName = "billing-center";

    /// <summary>The Billing Center or a site.</summary>
    public required DeploymentRole Role { get; init; }

    /// <summary>The site's code; null at the Billing Center.</summary>
    public SiteCode? SiteCode { get; init; }

    /// <summary>This deployment's own address, as its peers and customers reach it, without a trailing slash.</summary>
    public required string PublicUrl { get; init; }

    /// <summary>The Billing Center's address; its own at the Billing Center.</summary>
    public required string BillingCenterUrl { get; init; }

    /// <summary>At the Billing Center: each site's address.</summary>
    public IReadOnlyDictionary<SiteCode, string> SiteUrls { get; init; } = new Dictionary<SiteCode, string>();

    /// <summary>The currency of this Billing Center (and of the sites that belong to it).</summary>
    public Currency Currency { get; init; } = Currency.Cny;

    /// <summary>The billing time zone: months and days of bills begin in it.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Whether development's comforts (clock, mail view, development secrets) are on.</summary>
    public bool IsDevelopment { get; init; }

    /// <summary>How far the clock is ahead of real time at the start (<c>Development__ClockAhead</c>): so that a process that is started again goes on where its world is. Zero outside development.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary><c>billing-center</c>, or the site's code.</summary>
    public string Name => SiteCode?.Value ?? BillingCenterName;

    /// <summary>The site's code; only at a site.</summary>
    public SiteCode Site => SiteCode ?? throw new InvalidOperationException("The Billing Center is not a site.");

    /// <summary>Reads who this deployment is.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it.</exception>
    public static Deployment From(IConfiguration configuration, bool isDevelopment)
    {
        var section = configuration.GetSection("Deployment");
        var role = section["Role"] switch
        {
            "billing-center" => DeploymentRole.BillingCenter,
            "site" => DeploymentRole.Site,
            var other => throw new InvalidOperationException($"Deployment__Role is 'billing-center' or 'site', not '{other}'."),
        };
        var publicUrl = Required(section, "PublicUrl");
        return new Deployment
        {
            Role = role,
            SiteCode = role is DeploymentRole.Site ? SharedKernel.SiteCode.Of(Required(section, "Site")) : null,
            PublicUrl = publicUrl,
            BillingCenterUrl = role is DeploymentRole.Site ? Required(section, "BillingCenterUrl") : publicUrl,
            SiteUrls = section.GetSection("Sites").GetChildren()
                .ToDictionary(site => SharedKernel.SiteCode.Of(site.Key), site => site["Url"]?.TrimEnd('/')
                    ?? throw new InvalidOperationException($"Deployment__Sites__{site.Key}__Url is missing.")),
            Currency = Currency.Of(configuration["Billing:Currency"] ?? "CNY"),
            TimeZone = TimeZoneInfo.FindSystemTimeZoneById(configuration["Billing:TimeZone"] ?? "Asia/Shanghai"),
            IsDevelopment = isDevelopment,
            ClockAhead = isDevelopment ? configuration.GetValue("Development:ClockAhead", TimeSpan.Zero) : TimeSpan.Zero,
        };
    }

    private static string Required(IConfigurationSection section, string key) =>
        section[key]?.TrimEnd('/') ?? throw new InvalidOperationException($"{section.Path.Replace(":", "__", StringComparison.Ordinal)}__{key} is missing.");
}
