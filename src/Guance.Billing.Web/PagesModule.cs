using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MudBlazor;
using MudBlazor.Services;

namespace Guance.Billing.Web;

/// <summary>
/// The pages of a kind of deployment: the routable components of one assembly in the common frame. They send the queries and commands of
/// modules' contracts and hold no rules.
/// </summary>
public abstract class PagesModule : IModule
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract DeploymentRole LivesIn { get; }

    /// <summary>What stands in the bar, in this language.</summary>
    public abstract string Title(string language);

    /// <summary>Where one can go, in this language; for nobody's eyes but the caller's.</summary>
    public abstract IReadOnlyList<MenuEntry> Menu(string language, Caller caller);

    /// <summary>Where those go who have no account to sign in to; null where there is no such place.</summary>
    public virtual MenuEntry? Newcomers(string language) => null;

    /// <summary>What a refusal says and how to help it, in the reader's language; refusals themselves speak English.</summary>
    public string Sentence(BillingRefusal refusal, Reader reader) =>
        reader.Language == Words.Zh.Code && (InChinese(refusal, reader) ?? Words.RefusalInChinese(refusal.Code)) is { } chinese ? chinese : refusal.Message;

    /// <summary>What a refusal of these pages' commands says in Chinese; null where it is not known.</summary>
    protected abstract string? InChinese(BillingRefusal refusal, Reader reader);

    /// <inheritdoc/>
    public virtual void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment)
    {
        services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DetailedErrors = deployment.IsDevelopment);
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        services.AddCascadingAuthenticationState();
        services.AddMudServices(mud =>
        {
            var snackbar = mud.SnackbarConfiguration;
            snackbar.PositionClass = Defaults.Classes.Position.BottomRight;
            // It can be read while it comes and goes, too.
            (snackbar.MaximumOpacity, snackbar.ShowTransitionDuration, snackbar.HideTransitionDuration) = (100, 0, 0);
        });
        services.AddScoped<Questions>();
        services.AddSingleton(this);
    }

    /// <inheritdoc/>
    public void ConfigureMarten(StoreOptions options)
    {
    }

    /// <inheritdoc/>
    public virtual void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        Loaded.Map(endpoints);
        LanguageEndpoint.Map(endpoints);
        // Taking the form is what has its token checked.
        endpoints.MapPost("/sign-out", async (IFormCollection _, IUserSessions sessions, ICallers callers) =>
            {
                var to = callers.Current.Kind is CallerKind.Operator ? "/operator/sign-in" : "/sign-in";
                await sessions.SignOutAsync();
                return TypedResults.LocalRedirect(to);
            })
            .ForAnyone()
            .ExcludeFromDescription();
        var stopping = endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        endpoints.MapRazorComponents<App>()
            .AddAdditionalAssemblies(GetType().Assembly)
            .AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null)
            .ForAnyone()
            .WithMetadata(ContentSecurityPolicy.OfPages)
            .Add(endpoint => endpoint.RequestDelegate = UnlessStopping(endpoint.RequestDelegate!, stopping));
    }

    /// <summary>
    /// A page whose circuit is closed connects again at once. Taken while the deployment stops, that circuit would be closed by nobody, and the server would
    /// wait for it as long as it may.
    /// </summary>
    private static RequestDelegate UnlessStopping(RequestDelegate serve, CancellationToken stopping) => context =>
    {
        if (!stopping.IsCancellationRequested)
        {
            return serve(context);
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    };
}

/// <summary>An entry of the menu.</summary>
/// <param name="Href">Where it leads.</param>
/// <param name="Text">What it says.</param>
/// <param name="Icon">Its picture, as SVG.</param>
public sealed record MenuEntry(string Href, string Text, string Icon);
