using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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
        if (caller.Kind is CallerKind.Operator)
        {
            var operators = OperatorWords.Of(language);
            return
            [
                new("/operator/sites", operators.Sites, Icons.Material.Filled.Public),
                new("/operator/runs", operators.Runs, Icons.Material.Filled.Autorenew),
                new("/operator/quarantine", operators.Quarantine, Icons.Material.Filled.Inventory2),
                new("/operator/violations", operators.Violations, Icons.Material.Filled.ReportProblem),
                new("/operator/credits", operators.Credits, Icons.Material.Filled.Payments),
                new("/operator/locks", operators.Locks, Icons.Material.Filled.Lock),
            ];
        }

        return
        [
            new("/overview", words.Overview, Icons.Material.Filled.Dashboard),
            new("/workspaces", words.WorkspaceManagement, Icons.Material.Filled.Workspaces),
            new("/cloud-accounts", words.CloudAccounts, Icons.Material.Filled.Cloud),
            new("/bills", words.Bills, Icons.Material.Filled.Receipt),
            new("/journal", words.IncomeAndExpenditure, Icons.Material.Filled.SwapVert),
            new("/vouchers", words.VouchersAndCards, Icons.Material.Filled.CardGiftcard),
            new("/account", words.AccountTitle, Icons.Material.Filled.AccountCircle),
        ];
    }

    /// <inheritdoc/>
    public override void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        base.MapEndpoints(endpoints);
        endpoints.MapGet("/operator", () => TypedResults.LocalRedirect("/operator/sites")).ForAnyone().ExcludeFromDescription();
        endpoints.MapGet("/", () => TypedResults.LocalRedirect("/overview")).ForAnyone().ExcludeFromDescription();
    }

    /// <inheritdoc/>
    protected override string? InChinese(BillingRefusal refusal, Reader reader) => CenterRefusals.InChinese(refusal, reader);
}
