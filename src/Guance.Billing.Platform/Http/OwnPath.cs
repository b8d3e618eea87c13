namespace Guance.Billing.Platform.Http;

/// <summary>Where a page leads back to: within this deployment alone, whatever the address says.</summary>
public static class OwnPath
{
    /// <summary>The path, if it is one of this deployment; else <c>/</c>.</summary>
    public static string Of(string? path) => path is "/" or ['/', not ('/' or '\\'), ..] && !path.Any(char.IsControl) ? path : "/";
}
