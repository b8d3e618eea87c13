using System.Globalization;
using System.Threading.RateLimiting;
using Guance.Billing.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Platform.Access;

/// <summary>
/// Slows down the guessing of secrets: each address may call each endpoint that is <see cref="IsGuessedAt"/> only
/// <c>Access__GuessesPerMinute</c> times a minute (30; in development 600).
/// </summary>
public static class Guesses
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>How often one may guess; also for those whose guesses are no requests, such as a page's circuit.</summary>
    public static SlidingWindowRateLimiterOptions Pace(IConfiguration configuration, Deployment deployment) => new()
    {
        PermitLimit = configuration.GetValue("Access:GuessesPerMinute", deployment.IsDevelopment ? 600 : 30), Window = Window, SegmentsPerWindow = 6,
    };

    internal static void Limit(RateLimiterOptions options, IConfiguration configuration, Deployment deployment)
    {
        var pace = Pace(configuration, deployment);
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<IsGuessedAt>() is not null
                ? RateLimitPartition.GetSlidingWindowLimiter($"{context.Connection.RemoteIpAddress} {endpoint.DisplayName}", _ => pace)
                : RateLimitPartition.GetNoLimiter(""));
        options.OnRejected = async (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : Window / 6;
            rejected.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            await Problem.Of(StatusCodes.Status429TooManyRequests).WriteAsync(rejected.HttpContext);
        };
    }
}
