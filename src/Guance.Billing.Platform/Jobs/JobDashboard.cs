using System.Globalization;
using Guance.Billing.Platform.Access;
using Guance.Billing.Platform.Http;
using Hangfire;
using Hangfire.Dashboard;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Jobs;

/// <summary>
/// Hangfire's own pages, for operators who have signed in. They only show: what is late runs again within its tick, and what operators do is kept by commands,
/// which Hangfire's buttons are not.
/// </summary>
public static class JobDashboard
{
    // Hangfire keeps these for all hosts of a process.
    static JobDashboard() => DashboardRoutes.AddStylesheet(typeof(JobDashboard).Assembly, "Guance.Billing.Platform.Jobs.JobDashboard.css");

    /// <summary>Maps the pages.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="path">Where they are.</param>
    /// <param name="back">Where they lead back to.</param>
    /// <param name="language">The reader's: <c>en</c> or <c>zh</c>.</param>
    public static void MapJobDashboard(this IEndpointRouteBuilder endpoints, string path, string back, Func<HttpRequest, string> language)
    {
        // The storage opens the database as soon as it is made: not before somebody looks.
        var pages = new Lazy<RequestDelegate>(() =>
        {
            var app = endpoints.CreateApplicationBuilder();
            app.UseHangfireDashboard(
                path,
                new DashboardOptions
                {
                    // Who may is the endpoint's rule.
                    Authorization = [],
                    AppPath = back,
                    DashboardTitle = "Guance Billing",
                    DisplayStorageConnectionString = false,
                    IsReadOnlyFunc = _ => true,
                },
                endpoints.ServiceProvider.GetRequiredService<JobStorage>());
            return app.Build();
        });
        endpoints.Map(path + "/{**page}", context =>
            {
                // What they do not have is answered as anywhere else.
                if (DashboardRoutes.Routes.FindDispatcher($"/{context.GetRouteValue("page")}") is null)
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }

                CultureInfo.CurrentUICulture = new ReadersCulture(language(context.Request));
                return pages.Value(context);
            })
            .ForOperatorsAtPages()
            .WithMetadata(ContentSecurityPolicy.OfPages)
            .ExcludeFromDescription();
    }

    /// <summary>Hangfire takes its words by the culture's name; the process knows no cultures (it is invariant), so this one only has a name.</summary>
    private sealed class ReadersCulture(string language) : CultureInfo("")
    {
        public override string Name => language;

        public override string TwoLetterISOLanguageName => language;

        public override CultureInfo Parent => InvariantCulture;
    }
}
