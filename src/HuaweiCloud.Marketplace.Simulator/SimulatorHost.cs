using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using HuaweiCloud.Marketplace.Simulator.Pages;
using Microsoft.AspNetCore.DataProtection;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>Makes a simulated marketplace that listens on real HTTP; any number of them live in one process.</summary>
public static class SimulatorHost
{
    /// <summary>
    /// Builds the marketplace; the caller starts and stops it. Its state lives and ends with it, unless there is a <see cref="SimulatorOptions.StateFile"/>. It takes no setting but
    /// <paramref name="options"/>, and all its time from <paramref name="clock"/>, which may jump forward.
    /// <see cref="SimulatorClockwork"/> is among its services.
    /// </summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="clock">Its time.</param>
    /// <param name="moveClock">What the page of the clock does; null: it only shows the time.</param>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    public static WebApplication Build(SimulatorOptions options, TimeProvider clock, MoveClock? moveClock = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        options.Validate();

        // The empty builder reads no environment and no appsettings.json, which in a shared process are another program's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(SimulatorHost).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(options.Url);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error); // keys of forms are not kept
        builder.Services.AddRoutingCore();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        builder.Services.AddSingleton(options).AddSingleton(clock)
            .AddSingleton<Market>().AddSingleton<SellerLine>()
            .AddSingleton(s => new SimulatorClockwork(s.GetRequiredService<Market>(), s.GetRequiredService<SellerLine>()))
            .AddHostedService<StateFile>().AddHostedService<ClockworkLoop>(); // started in this order, stopped in the other
        // Forms are good as long as the process lives; nothing is written to a home folder.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddRazorComponents();
        builder.Services.AddSingleton<ClockMoves>();
        if (moveClock is not null)
            builder.Services.AddSingleton(moveClock);

        var app = builder.Build();
        app.UseMiddleware<Problems>();
        app.UseMiddleware<Idempotency>();
        app.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        app.UseRouting();
        app.UseAntiforgery();
        app.MapGet("/health/live", () => "healthy");
        app.MapGet("/health/ready", () => "healthy");
        app.MapRazorComponents<App>();
        Forms.Map(app);
        ControlApi.Map(app);
        SellerApi.Map(app);
        return app;
    }
}
