using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Settlement.Documents;
using Guance.Billing.Settlement.Domain;
using Guance.Billing.Settlement.Features;
using Guance.Billing.Settlement.Jobs;
using Guance.Billing.Settlement.ReadModels;
using Guance.Billing.Settlement.Tables;
using JasperFx.Events.Projections;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Settlement;

/// <summary>The module's front door; see the README beside it.</summary>
public sealed class SettlementModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Settlement";

    /// <inheritdoc/>
    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddModuleDbContext<SettlementDbContext>(SettlementDbContext.Schema);
        services.AddSingleton(Batches.From(configuration));
        services.AddSingleton<Secrets>();
        services.AddSingleton<IPasswordHasher<BillingUser>, PasswordHasher<BillingUser>>();
        services.AddSingleton<UnknownUser>();
        services.AddTransient<SignIns>();
        services.AddTransient<ISessionStamps, BillingSessionStamps>();
        services.AddTransient<AttachCodes>();
        services.AddTransient<Claims>();
        services.AddTransient<CloudSubscriptions>();
        services.AddTransient<Wallets>();
        services.AddTransient<ArrearsClearing>();
        services.AddSingleton<JournalReader>();
        services.AddSingleton<JournalVerifier>();
        services.AddSingleton<CreditReader>();
        services.AddTransient<BillingAccountReader>();
        services.AddSingleton(Regions.From(configuration, deployment));
        services.AddSingleton(DayCloseSettings.From(configuration));
        services.AddSingleton<BillingDays>();
        services.AddSingleton<Rating>();
        services.AddSingleton<DayCloses>();
        services.AddSingleton<WantedDays>();
        services.AddSingleton<SettlementRuns>();
        services.AddHostedService<PrepareAtStart>();
        services.AddHostedService<SettlementMetrics>();
        services.AddTick<PrepareJob>(PrepareJob.Id, "15 * * * * *");
        services.AddTick<CloseDaysJob>(CloseDaysJob.Id, "*/30 * * * * *");
        services.AddSingleton(_ => TrueTypeFont.Embedded());
        services.AddSingleton<SiteNames>();
        services.AddSingleton<MonthlyBills>();
        services.AddSingleton<ConsumptionCsv>();
        services.AddSingleton<FocusCsv>();
        services.AddTick<ClosingJob>(ClosingJob.Id, "*/10 * * * * *");
        services.AddTick<ArrearsJob>(ArrearsJob.Id, "0 * * * * *");
        services.AddTick<ExpireCreditsJob>(ExpireCreditsJob.Id, "30 * * * * *");
    }

    /// <inheritdoc/>
    public void ConfigureMarten(Marten.StoreOptions options)
    {
        options.Events.MapEventType<BillingAccountOpened>("settlement.billing_account_opened");
        options.Events.MapEventType<BillingAccountJoinedSite>("settlement.billing_account_joined_site");
        options.Events.MapEventType<ArbitrarySettlementAllowed>("settlement.arbitrary_settlement_allowed");
        options.Events.MapEventType<ArbitrarySettlementWithdrawn>("settlement.arbitrary_settlement_withdrawn");
        options.Events.MapEventType<ArrearsBegan>("settlement.arrears_began");
        options.Events.MapEventType<ArrearsReminded>("settlement.arrears_reminded");
        options.Events.MapEventType<ArrearsLocked>("settlement.arrears_locked");
        options.Events.MapEventType<ArrearsCleared>("settlement.arrears_cleared");
        options.Events.MapEventType<CloudChargeStated>("settlement.cloud_charge_stated");
        options.Events.MapEventType<CloudAccountClaimed>("settlement.cloud_account_claimed");
        options.Events.MapEventType<WorkspaceBound>("settlement.workspace_bound");
        options.Events.MapEventType<WorkspaceMethodChanged>("settlement.workspace_method_changed");
        options.Events.MapEventType<WorkspaceLocked>("settlement.workspace_locked");
        options.Events.MapEventType<WorkspaceLockLifted>("settlement.workspace_lock_lifted");
        options.Events.MapEventType<WorkspaceUnlocked>("settlement.workspace_unlocked");
        options.Events.MapEventType<WorkspaceExpired>("settlement.workspace_expired");
        options.Events.MapEventType<WorkspaceDissolved>("settlement.workspace_dissolved");
        options.Events.MapEventType<ItemCatalogPublished>("settlement.item_catalog_published");
        options.Events.MapEventType<ClosingStarted>("settlement.closing_started");
        options.Events.MapEventType<ClosingAnnouncedToSite>("settlement.closing_announced_to_site");
        options.Events.MapEventType<ClosingAcknowledgedBySite>("settlement.closing_acknowledged_by_site");
        options.Events.MapEventType<ClosingCompleted>("settlement.closing_completed");

        options.Projections.Snapshot<BillingAccount>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<CloudAccountClaim>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<WorkspaceSettlement>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<Closing>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<ItemCatalog>(SnapshotLifecycle.Inline);

        options.Schema.For<BillingAccount>().DatabaseSchemaName(SettlementDbContext.Schema);
        options.Schema.For<CloudAccountClaim>().DatabaseSchemaName(SettlementDbContext.Schema).Duplicate(claim => claim.AccountKey);
        options.Schema.For<ItemCatalog>().DatabaseSchemaName(SettlementDbContext.Schema);
        options.Schema.For<Closing>().DatabaseSchemaName(SettlementDbContext.Schema)
            .Duplicate(closing => closing.IsUnderWay, configure: index => index.Predicate = "is_under_way");
        options.Schema.For<WorkspaceSettlement>().DatabaseSchemaName(SettlementDbContext.Schema)
            // Few indexes: a closing rewrites every one of them for each workspace. What else lists filter by is read from the document.
            .Duplicate(workspace => workspace.AccountKey, notNull: true)
            .Duplicate(workspace => workspace.CloudAccountKey, configure: index => index.Predicate = "cloud_account_key is not null")
            .Duplicate(workspace => workspace.InstanceKey, configure: index => index.Predicate = "instance_key is not null");
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        SignInEndpoint.Map(endpoints);
        SignOutEndpoint.Map(endpoints);
        ChangePasswordEndpoint.Map(endpoints);
        GetBillingAccountEndpoint.Map(endpoints);
        FindBillingAccountEndpoint.Map(endpoints);
        SetArbitrarySettlementEndpoint.Map(endpoints);
        ListWorkspacesEndpoint.Map(endpoints);
        GetWorkspaceEndpoint.Map(endpoints);
        GetWorkspaceHistoryEndpoint.Map(endpoints);
        ChangeSettlementMethodEndpoint.Map(endpoints);
        UnlockWorkspaceEndpoint.Map(endpoints);
        UnlockByLinkEndpoint.Map(endpoints);
        OperateLocksEndpoint.Map(endpoints);
        ListCloudAccountsEndpoint.Map(endpoints);
        GetCloudAccountEndpoint.Map(endpoints);
        GetCloudMarketEndpoint.Map(endpoints);
        GetClosingEndpoint.Map(endpoints);
        GetPriceBookEndpoints.Map(endpoints);
        PublishPriceBookEndpoint.Map(endpoints);
        ListQuarantineEndpoint.Map(endpoints);
        SettlementRunsEndpoints.Map(endpoints);
        ListDailyBillsEndpoint.Map(endpoints);
        ExplainChargeEndpoint.Map(endpoints);
        CreditCashEndpoint.Map(endpoints);
        IssueVoucherEndpoint.Map(endpoints);
        ListVouchersEndpoint.Map(endpoints);
        RedeemPrepaidCardEndpoint.Map(endpoints);
        ListPrepaidCardsEndpoint.Map(endpoints);
        GetJournalEndpoint.Map(endpoints);
        VerifyJournalEndpoint.Map(endpoints);
        RunChecksEndpoint.Map(endpoints);
        ListViolationsEndpoint.Map(endpoints);
        ReconcileSubscriptionsEndpoint.Map(endpoints);
        GetMonthlyBillEndpoint.Map(endpoints);
        GetSpendingEndpoint.Map(endpoints);
        ExportConsumptionEndpoint.Map(endpoints);
        ExportFocusEndpoint.Map(endpoints);
    }
}
