using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace Guance.Billing.Web.Site;

/// <summary>A site's pages: registration, the lock page, and what owners see of their workspaces.</summary>
public sealed class SiteModule : PagesModule
{
    /// <inheritdoc/>
    public override string Name => "Web.Site";

    /// <inheritdoc/>
    public override DeploymentRole LivesIn => DeploymentRole.Site;

    /// <inheritdoc/>
    public override string Title(string language) => SiteWords.Of(language).Guance;

    /// <inheritdoc/>
    public override IReadOnlyList<MenuEntry> Menu(string language, Caller caller) =>
        [new("/my-workspaces", SiteWords.Of(language).MyWorkspaces, Icons.Material.Filled.Workspaces)];

    /// <inheritdoc/>
    public override MenuEntry? Newcomers(string language) => new("/register", SiteWords.Of(language).NoAccountYet, Icons.Material.Filled.PersonAdd);

    /// <inheritdoc/>
    public override void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        base.AddServices(services, configuration, deployment);
        services.AddScoped<Pace>();
    }

    /// <inheritdoc/>
    protected override string? InChinese(BillingRefusal refusal, Reader reader) => SiteRefusals.InChinese(refusal);
}
