using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;

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
    public override IReadOnlyList<MenuEntry> Menu(string language, Caller caller) => [];

    /// <inheritdoc/>
    protected override string? InChinese(BillingRefusal refusal, Reader reader) => null;
}
