using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Contracts;
using MediatR;
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
                new("/operator/reconciliation", operators.Reconciliation, Icons.Material.Filled.Balance),
                new("/operator/at-risk", operators.AtRisk, Icons.Material.Filled.HourglassTop),
                new("/operator/pushed-records", operators.PushedRecords, Icons.Material.Filled.Send),
                new("/operator/price-book", operators.PriceBook, Icons.Material.Filled.Sell),
                new("/operator/quarantine", operators.Quarantine, Icons.Material.Filled.Inventory2),
                new("/operator/violations", operators.Violations, Icons.Material.Filled.ReportProblem),
                new("/operator/credits", operators.Credits, Icons.Material.Filled.Payments),
                new("/operator/locks", operators.Locks, Icons.Material.Filled.Lock),
                new("/operator/jobs", operators.Jobs, Icons.Material.Filled.Schedule),
                new("/operator/audit", operators.Audit, Icons.Material.Filled.History),
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
        endpoints.MapJobDashboard("/operator/jobs", back: "/operator", request => Guance.Billing.Web.Words.Of(request).Code);
        endpoints.MapGet("/operator/price-book.csv", async (IRequestHandler<GetPriceBook, PriceBookView> read, CancellationToken ct, int? version = null) =>
                TypedResults.Text((await read.Handle(new(version), ct)).Csv, "text/csv"))
            .ForOperatorsAtPages().ExcludeFromDescription();
        endpoints.MapGet("/", () => TypedResults.LocalRedirect("/overview")).ForAnyone().ExcludeFromDescription();
    }

    /// <inheritdoc/>
    protected override string? InChinese(BillingRefusal refusal, Reader reader) => CenterRefusals.InChinese(refusal, reader);
}
