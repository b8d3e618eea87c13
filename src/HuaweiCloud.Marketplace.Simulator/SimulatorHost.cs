using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace HuaweiCloud.Marketplace.Simulator;

/// <summary>Makes a simulated marketplace that listens on real HTTP; any number of them live in one process.</summary>
public static class SimulatorHost
{
    /// <summary>
    /// Builds the marketplace; the caller starts and stops it. Its state lives and ends with it, unless there is a <see cref="SimulatorOptions.StateFile"/>. It takes no setting but
    /// <paramref name="options"/>, and all its time from <paramref name="clock"/>, which may jump forward.
    /// <see cref="SimulatorClockwork"/> is among its services.
    /// </summary>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    public static WebApplication Build(SimulatorOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        options.Validate();

        // The empty builder reads no environment and no appsettings.json, which in a shared process are another program's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(SimulatorHost).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false).UseUrls(options.Url);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
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

        var app = builder.Build();
        app.UseMiddleware<Problems>();
        app.UseMiddleware<Idempotency>();
        app.UseRouting();
        app.MapGet("/health/live", () => "healthy");
        app.MapGet("/health/ready", () => "healthy");
        app.MapGet("/", (Market market) => Results.Content(IndexPage.Write(market, options), "text/html; charset=utf-8"));
        ControlApi.Map(app);
        SellerApi.Map(app);
        return app;
    }
}
