using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace Guance.Billing.Platform.Telemetry;

/// <summary>
/// What a deployment tells of itself: metrics for Prometheus, traces by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and logs on the
/// console (JSON, in development text; levels by <c>Serilog__MinimumLevel__…</c>). None holds bodies, headers or query values.
/// </summary>
internal static class TelemetryServices
{
    private static readonly string[] QuietSources = ["Microsoft", "System", "Hangfire", "Npgsql", "Marten", "JasperFx", "OpenIddict", "Polly"];

    public static void AddTelemetry(this WebApplicationBuilder builder, Deployment deployment)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("guance-billing", serviceInstanceId: deployment.Name))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddNpgsqlInstrumentation()
                .AddMeter("Marten", "Guance.Billing*")
                .AddPrometheusExporter())
            // Always on, exported or not: spans give problems, logs and stored events their trace id.
            .WithTracing(traces => traces
                .AddAspNetCoreInstrumentation()
                .AddSource(Tracing.Source.Name));
        // Meters are found by name, in the whole process: those of another deployment in it are not told as this one's.
        builder.Services.ConfigureOpenTelemetryMeterProvider((services, metrics) =>
        {
            var own = services.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => instrument.Meter.Scope is IMeterFactory other && other != own ? MetricStreamConfiguration.Drop : null);
        });
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            // A span for every statement and every call is dear, and for the eyes of a reader alone.
            telemetry.WithTracing(traces => traces.AddHttpClientInstrumentation().AddNpgsql().AddOtlpExporter());
        }

        builder.Services.AddSerilog(
            (_, log) =>
            {
                foreach (var source in QuietSources)
                {
                    log.MinimumLevel.Override(source, LogEventLevel.Warning);
                }

                // The keys of cookies lie in the deployment's own database, which guards all else as well.
                log.MinimumLevel.Override("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogEventLevel.Error);
                // It would log every statement that meets a conflict as an error, parameters and all; who sent it sees the exception.
                log.MinimumLevel.Override("Marten.IDocumentStore", LogEventLevel.Fatal);
                log.Enrich.FromLogContext().Enrich.WithProperty("Deployment", deployment.Name);
                if (deployment.IsDevelopment)
                {
                    log.WriteTo.Console(outputTemplate: "{Timestamp:HH:mm:ss} {Level:u3} {Deployment}: {Message:lj}{NewLine}{Exception}");
                }
                else
                {
                    log.WriteTo.Console(new RenderedCompactJsonFormatter());
                }

                log.ReadFrom.Configuration(builder.Configuration);
            },
            // Nothing static: several deployments can live in one process.
            preserveStaticLogger: true);
    }
}
