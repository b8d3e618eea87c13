using FluentValidation;
using Guance.Billing.Platform.Audit;
using Guance.Billing.Platform.Clock;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Events;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Platform.Mail;
using Guance.Billing.Platform.Telemetry;
using Guance.Billing.Platform.Writing;
using Marten;
using MediatR;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace Guance.Billing.Platform;

/// <summary>Registers the plumbing and what it finds in the modules.</summary>
public static class PlatformServices
{
    /// <summary>Adds the plumbing for a deployment with these modules.</summary>
    public static void AddPlatform(
        this IServiceCollection services, IConfiguration configuration, Deployment deployment, IReadOnlyList<IModule> modules)
    {
        services.AddSingleton(deployment);
        var clock = new WorldClock();
        clock.Advance(deployment.ClockAhead);
        services.TryAddSingleton(clock);
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<WorldClock>());

        services.AddModuleDbContext<PlatformDbContext>(PlatformDbContext.Schema);
        services.AddStore(configuration, deployment, modules);
        services.AddSingleton(provider => new DatabaseUpgrade(provider, provider.GetServices<DatabaseToMigrate>(), provider.GetRequiredService<IDocumentStore>()));
        services.AddSingleton(provider => new SnapshotRebuild(deployment, provider.GetRequiredService<IDocumentStore>(), provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddHostedService<PrepareDatabase>();
        services.AddHostedService<PlatformMetrics>();
        services.AddHostedService<DaemonWatch>();
        services.AddHostedService<KeyAges>();
        services.AddDataProtection().SetApplicationName($"guance-billing-{deployment.Name}").PersistKeysToDbContext<PlatformDbContext>();

        services.AddScoped<UnitOfWork>();
        services.AddScoped<Idempotency>();
        // Transient, since a unit of work has a new session for each command: a handler is given the one of its own.
        services.AddTransient<IDocumentSession>(provider => provider.GetRequiredService<UnitOfWork>().Session);
        services.AddTransient<IQuerySession>(provider => provider.GetRequiredService<UnitOfWork>() is { IsOpen: true } work
            ? work.Session
            : provider.GetRequiredService<IDocumentStore>().QuerySession());
        services.AddMediator(modules);

        services.AddTransient<IMailbox, Mailbox>();
        services.AddTick<SendMailsJob>(SendMailsJob.Id, "*/15 * * * * *");
        services.AddHangfireJobs();
    }

    private static void AddMediator(this IServiceCollection services, IReadOnlyList<IModule> modules)
    {
        services.AddTransient<ServiceFactory>(provider => provider.GetRequiredService);
        services.AddTransient<IMediator, Mediator>();
        services.AddTransient<IQueries, Queries>();
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(TracingBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(UnitOfWorkBehavior<,>));
        services.AddTransient(typeof(IPipelineBehavior<,>), typeof(OperatorActBehavior<,>));
        services.AddTransient<IRequestHandler<ListOperatorActs, Page<OperatorActView>>, ListOperatorActsHandler>();
        services.Scan(scan => scan
            .FromAssemblies(modules.Select(module => module.GetType().Assembly))
            .AddClasses(classes => classes.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false).AsImplementedInterfaces().WithTransientLifetime()
            .AddClasses(classes => classes.AssignableTo(typeof(IValidator<>)), publicOnly: false).AsImplementedInterfaces().WithTransientLifetime()
            .AddClasses(classes => classes.AssignableTo<IIntegrationEventMapper>(), publicOnly: false).AsImplementedInterfaces().WithSingletonLifetime());
    }
}
