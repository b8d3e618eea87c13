using Guance.Billing.Platform;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Workspaces.Domain;
using Guance.Billing.Workspaces.Features;
using Guance.Billing.Workspaces.Jobs;
using Guance.Billing.Workspaces.Publishing;
using Guance.Billing.Workspaces.ReadModels;
using Guance.Billing.Workspaces.Tables;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Workspaces;

/// <summary>The module's front door; see the README beside it.</summary>
public sealed class WorkspacesModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Workspaces";

    /// <inheritdoc/>
    public DeploymentRole LivesIn => DeploymentRole.Site;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddModuleDbContext<WorkspacesDbContext>(WorkspacesDbContext.Schema);
        services.AddTransient<WorkspaceViews>();
        services.AddSingleton<ItemCatalogs>();
        services.AddSingleton<UsagePublisher>();
        services.AddScoped<UsageTables>();
        services.AddScoped<UsageIntake>();
        services.AddScoped<UsageQuarantine>();
        services.AddScoped<UsageCuts>();
        services.AddTick<ExpireWorkspacesJob>(ExpireWorkspacesJob.Id, "*/15 * * * * *");
        // Ingests poke it; this finds what a node that died left untold.
        services.AddTick<TellUsageJob>(TellUsageJob.Id, "*/5 * * * * *");
        services.AddTick<MakeUsagePartitionsJob>(MakeUsagePartitionsJob.Id, "0 10 2 * * *");
    }

    /// <inheritdoc/>
    public void ConfigureMarten(StoreOptions options)
    {
        options.Events.MapEventType<WorkspaceCreated>("workspaces.created");
        options.Events.MapEventType<BoundNoted>("workspaces.bound_noted");
        options.Events.MapEventType<MethodNoted>("workspaces.method_noted");
        options.Events.MapEventType<LockedNoted>("workspaces.locked_noted");
        options.Events.MapEventType<LockLiftedNoted>("workspaces.lock_lifted_noted");
        options.Events.MapEventType<UnlockedNoted>("workspaces.unlocked_noted");
        options.Events.MapEventType<WorkspaceExpired>("workspaces.expired");
        options.Events.MapEventType<WorkspaceDissolved>("workspaces.dissolved");
        options.Events.MapEventType<ClosingApplied>("workspaces.closing_applied");
        options.Projections.Snapshot<Workspace>(SnapshotLifecycle.Inline);
        options.Projections.Snapshot<Closing>(SnapshotLifecycle.Inline);
        options.Schema.For<Workspace>()
            .DatabaseSchemaName(WorkspacesDbContext.Schema)
            .Duplicate(workspace => workspace.OwnerUserId)
            .Duplicate(workspace => workspace.ExpiresAt)
            .Duplicate(workspace => workspace.ClosingId);
        options.Schema.For<Closing>().DatabaseSchemaName(WorkspacesDbContext.Schema);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        ListWorkspacesEndpoint.Map(endpoints);
        GetWorkspaceEndpoint.Map(endpoints);
        GetWorkspaceAccessEndpoint.Map(endpoints);
        DissolveWorkspaceEndpoint.Map(endpoints);
        RequestUnlockLinkEndpoint.Map(endpoints);
        IngestUsageEndpoint.Map(endpoints);
        GetUsageEndpoint.Map(endpoints);
        ListQuarantineEndpoint.Map(endpoints);
        RetryQuarantineEndpoint.Map(endpoints);
        DiscardQuarantineEndpoint.Map(endpoints);
    }
}
