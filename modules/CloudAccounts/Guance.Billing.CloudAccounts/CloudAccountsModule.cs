using Guance.Billing.CloudAccounts.Domain;
using Guance.Billing.CloudAccounts.Features;
using Guance.Billing.CloudAccounts.Jobs;
using Guance.Billing.CloudAccounts.ReadModels;
using Guance.Billing.CloudAccounts.Tables;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using HuaweiCloud.Marketplace;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.CloudAccounts;

/// <summary>The module's front door; see the README beside it.</summary>
public sealed class CloudAccountsModule : IModule
{
    /// <inheritdoc/>
    public string Name => "CloudAccounts";

    /// <inheritdoc/>
    public DeploymentRole LivesIn => DeploymentRole.BillingCenter;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddModuleDbContext<CloudAccountsDbContext>(CloudAccountsDbContext.Schema);
        services.AddSingleton<INonceStore, SharedNonceStore>();
        services.AddScoped<IMarketplaceSeller, HuaweiSeller>();
        services.AddHuaweiMarketplace(configuration);
        services.AddTick<FetchOrdersJob>(FetchOrdersJob.Id, "*/10 * * * * *");
        services.AddTick<ForgetNoncesJob>(ForgetNoncesJob.Id, "0 * * * * *");
        services.AddTick<PushUsageJob>(PushUsageJob.Id, "0 * * * * *");
        services.AddHostedService<UsagePushMetrics>();
        services.AddSingleton<MarketBillReader>();
    }

    /// <inheritdoc/>
    public void ConfigureMarten(StoreOptions options)
    {
        options.Events.MapEventType<SubscriptionRequested>("cloud_accounts.subscription_requested");
        options.Events.MapEventType<SubscriptionActivated>("cloud_accounts.subscription_activated");
        options.Events.MapEventType<ClosedSubscriptionIdentified>("cloud_accounts.closed_subscription_identified");
        options.Events.MapEventType<SubscriptionFrozen>("cloud_accounts.subscription_frozen");
        options.Events.MapEventType<SubscriptionUnfrozen>("cloud_accounts.subscription_unfrozen");
        options.Events.MapEventType<ExpirySet>("cloud_accounts.expiry_set");
        options.Events.MapEventType<ExpiryOrderDated>("cloud_accounts.expiry_order_dated");
        options.Events.MapEventType<SubscriptionUpgraded>("cloud_accounts.subscription_upgraded");
        options.Events.MapEventType<SubscriptionClosed>("cloud_accounts.subscription_closed");

        options.Projections.Snapshot<CloudSubscription>(SnapshotLifecycle.Inline);
        options.Schema.For<CloudSubscription>().DatabaseSchemaName(CloudAccountsDbContext.Schema)
            .UniqueIndex(subscription => subscription.InstanceId, subscription => subscription.ProviderCode)
            .Index(subscription => subscription.OrderId)
            .Index(subscription => subscription.AccountId!);
        options.Schema.For<BuyerContact>().DatabaseSchemaName(CloudAccountsDbContext.Schema);
        options.Schema.For<PendingOrder>().DatabaseSchemaName(CloudAccountsDbContext.Schema).Index(order => order.NextAttemptAt);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHuaweiMarketplaceV2("/marketplace/huawei/v2/produce").ForAnyone();
        endpoints.MapHuaweiMarketplaceV1("/marketplace/huawei/v1/produce").ForAnyone();
        PullOrderEndpoint.Map(endpoints);
        ListPendingOrdersEndpoint.Map(endpoints);
        ListAtRiskEndpoint.Map(endpoints);
        ListPushedRecordsEndpoint.Map(endpoints);
        MarkUsagePushEndpoint.Map(endpoints);
        RetryUsagePushesEndpoint.Map(endpoints);
        ImportMarketBillEndpoint.Map(endpoints);
    }
}
