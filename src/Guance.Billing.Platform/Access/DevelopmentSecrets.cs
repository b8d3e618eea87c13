using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Platform.Access;

/// <summary>Secrets of development are known to everybody; they all start with <c>dev-</c>.</summary>
internal static class DevelopmentSecrets
{
    private static readonly string[] SectionsWithSecrets = ["Access", "HuaweiMarketplace", "Link", "Mail"];

    /// <summary>Refuses to start outside development with a secret of development.</summary>
    /// <exception cref="InvalidOperationException">There is one; the message names the setting.</exception>
    public static void Refuse(IConfiguration configuration, Deployment deployment)
    {
        if (deployment.IsDevelopment)
        {
            return;
        }

        foreach (var (key, _) in SectionsWithSecrets.SelectMany(section => configuration.GetSection(section).AsEnumerable())
            .Where(setting => setting.Value?.StartsWith("dev-", StringComparison.OrdinalIgnoreCase) is true))
        {
            throw new InvalidOperationException(
                $"{key.Replace(":", "__", StringComparison.Ordinal)} holds a secret of development, which everybody knows. Set one of your own; outside development nothing starts with it.");
        }
    }
}
