using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using MudBlazor;

namespace Guance.Billing.Web.BillingCenter;

/// <summary>The Billing Center's pages: its customers' and its operators'.</summary>
public sealed class BillingCenterModule : PagesModule
{
    /// <inheritdoc/>
    public override string Name => "Web.BillingCenter";

    /// <inheritdoc/>
    public override DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    /// <inheritdoc/>
    public override string Title(string language) => CenterWords.Of(language).BillingCenter;

    /// <inheritdoc/>
    public override IReadOnlyList<MenuEntry> Menu(string language, Caller caller)
    {
        var words = CenterWords.Of(language);
        return [new("/workspaces", words.WorkspaceManagement, Icons.Material.Filled.Workspaces)];
    }

    /// <inheritdoc/>
    protected override string? InChinese(BillingRefusal refusal, Reader reader) => CenterRefusals.InChinese(refusal, reader);
}
