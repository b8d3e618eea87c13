using Guance.Billing.Registration.Domain;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Registration;

/// <summary>
/// The section <c>ActivationMethods</c>: which site offers what (rules §2, step 3). <c>Methods__CODE__Sites</c> is a list of sites separated
/// by blanks, <c>*</c> for all; <c>Methods__CODE__MarketUrl</c> says where to buy; <c>HostClouds__SITE</c> names the cloud that hosts a site.
/// </summary>
internal sealed class ActivationMethodsSettings
{
    public Dictionary<string, MethodSettings> Methods { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["billing-center"] = new() { Sites = "*" },
        // One Huawei account serves workspaces of many sites, so every site offers it.
        ["huawei-cloud"] = new() { Sites = "*", MarketUrl = "https://marketplace.huaweicloud.com/" },
    };

    public Dictionary<string, string> HostClouds { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["cn1"] = "alibaba-cloud",
        ["cn2"] = "aws",
        ["cn4"] = "huawei-cloud",
        ["cn6"] = "alibaba-cloud",
        ["us1"] = "aws",
        ["eu1"] = "aws",
        ["ap1"] = "aws",
        ["za1"] = "huawei-cloud",
        ["id1"] = "tencent-cloud",
    };

    /// <summary>Reads the matrix.</summary>
    /// <exception cref="FormatException">A method or a site is not well-formed.</exception>
    public static ActivationMethods From(IConfiguration configuration)
    {
        var settings = new ActivationMethodsSettings();
        configuration.GetSection("ActivationMethods").Bind(settings);
        return new ActivationMethods(
            [
                .. settings.Methods.Select(method => new ActivationMethod(
                    SettlementMethod.Of(method.Key),
                    method.Value.Sites.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                    method.Value.MarketUrl)),
            ],
            settings.HostClouds.ToDictionary(site => SiteCode.Of(site.Key), site => site.Value));
    }

    internal sealed class MethodSettings
    {
        public string Sites { get; set; } = "";

        public string? MarketUrl { get; set; }
    }
}

/// <summary>
/// The agreements in force, each <c>name@version</c>, from the section <c>Agreements</c> (<c>Company__NAME</c>, <c>Activation__NAME</c>: the
/// version). What somebody accepts is kept with its version.
/// </summary>
/// <param name="Company">Accepted in step 2.</param>
/// <param name="Activation">Accepted in step 3.</param>
internal sealed record AgreementsInForce(IReadOnlyList<string> Company, IReadOnlyList<string> Activation)
{
    public static AgreementsInForce From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Agreements");
        return new(
            Versions(section.GetSection("Company"), ["user-agreement@1", "privacy-policy@1"]),
            Versions(section.GetSection("Activation"), ["commercial-plan-agreement@1", "billing-center-agreement@1"]));
    }

    private static string[] Versions(IConfigurationSection section, string[] byDefault) =>
        section.GetChildren().Select(agreement => $"{agreement.Key}@{agreement.Value}").ToArray() is { Length: > 0 } configured ? configured : byDefault;
}
