using System.Threading.RateLimiting;
using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Microsoft.Extensions.Configuration;

namespace Guance.Billing.Web.Site;

/// <summary>
/// How often a circuit may guess secrets or have mails sent: as often as an address may by the API (<c>Access__GuessesPerMinute</c>). What comes
/// over a circuit is no request of its own, so limits of requests don't count it.
/// </summary>
internal sealed class Pace(IConfiguration configuration, Deployment deployment) : IDisposable
{
    private readonly SlidingWindowRateLimiter limiter = new(Guesses.Pace(configuration, deployment));

    /// <summary>Counts one more.</summary>
    /// <exception cref="BillingRefusal"><c>too-many-requests</c></exception>
    public void Count()
    {
        using var lease = limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            throw new BillingRefusal(RefusalKind.TooMany, "too-many-requests", "Too many attempts. Wait a minute, then try again.");
        }
    }

    public void Dispose() => limiter.Dispose();
}
