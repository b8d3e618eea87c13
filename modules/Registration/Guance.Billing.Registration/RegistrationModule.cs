using Guance.Billing.Platform;
using Guance.Billing.Platform.Data;
using Guance.Billing.Platform.Jobs;
using Guance.Billing.Registration.Domain;
using Guance.Billing.Registration.Features;
using Guance.Billing.Registration.Jobs;
using Guance.Billing.Registration.ReadModels;
using Guance.Billing.Registration.Tables;
using JasperFx.Events.Projections;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StoreOptions = Marten.StoreOptions;

namespace Guance.Billing.Registration;

/// <summary>The module's front door; see the README beside it.</summary>
public sealed class RegistrationModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Registration";

    /// <inheritdoc/>
    public DeploymentRole LivesIn => DeploymentRole.Site;

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddModuleDbContext<RegistrationDbContext>(RegistrationDbContext.SchemaName);
        services.AddSingleton(ActivationMethodsSettings.From(configuration));
        services.AddSingleton(AgreementsInForce.From(configuration));
        services.AddSingleton<IPasswordHasher<ConsoleUser>, PasswordHasher<ConsoleUser>>();
        services.AddSingleton<ILookupNormalizer, UpperInvariantLookupNormalizer>();
        services.AddTransient<ConsoleUsers>();
        services.AddTransient<Registrations>();
        services.AddTransient<Activation>();
        services.AddTransient<SignIns>();
        services.AddTick<ActivateRegistrationsJob>(ActivateRegistrationsJob.Id, "*/5 * * * * *");
    }

    /// <inheritdoc/>
    public void ConfigureMarten(StoreOptions options)
    {
        options.Events.MapEventType<RegistrationStarted>("registration.started");
        options.Events.MapEventType<EmailConfirmed>("registration.email_confirmed");
        options.Events.MapEventType<CompanyProvided>("registration.company_provided");
        options.Events.MapEventType<ConsoleAccountCreated>("registration.console_account_created");
        options.Events.MapEventType<ActivationRequested>("registration.activation_requested");
        options.Events.MapEventType<ActivationRefused>("registration.activation_refused");
        options.Events.MapEventType<RegistrationActivated>("registration.activated");
        options.Projections.Snapshot<CommercialRegistration>(SnapshotLifecycle.Inline);
        options.Schema.For<CommercialRegistration>()
            .DatabaseSchemaName(RegistrationDbContext.SchemaName)
            .Index(registration => registration.State)
            .Index(registration => registration.UserId!);
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        StartRegistrationEndpoint.Map(endpoints);
        ConfirmEmailEndpoint.Map(endpoints);
        SendEmailCodeEndpoint.Map(endpoints);
        ProvideCompanyEndpoint.Map(endpoints);
        RequestActivationEndpoint.Map(endpoints);
        RequestBillingAccountCodeEndpoint.Map(endpoints);
        GetRegistrationEndpoint.Map(endpoints);
        GetActivationMethodsEndpoint.Map(endpoints);
        ListBillingAccountsEndpoint.Map(endpoints);
        SessionEndpoints.Map(endpoints);
    }
}
