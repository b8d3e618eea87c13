using Guance.Billing.CloudAccounts;
using Guance.Billing.Platform;
using Guance.Billing.Registration;
using Guance.Billing.Settlement;
using Guance.Billing.Web.BillingCenter;
using Guance.Billing.Web.Site;
using Guance.Billing.Workspaces;

namespace Guance.Billing.Host;

/// <summary>The one list of modules; the pages are the last of them.</summary>
public static class ModuleCatalog
{
    /// <summary>Every module, wherever it lives.</summary>
    public static IReadOnlyList<IModule> All() => [new RegistrationModule(), new WorkspacesModule(), new CloudAccountsModule(), new SettlementModule(), new BillingCenterModule(), new SiteModule()];

    /// <summary>The modules of a deployment.</summary>
    public static IReadOnlyList<IModule> For(DeploymentRole role) => [.. All().Where(module => module.LivesIn == role)];
}
