using Guance.Billing.Platform.Access;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Guance.Billing.Web;

/// <summary>Who reads a page over its circuit: nobody any more within a minute after the session has ended elsewhere.</summary>
internal sealed class CircuitSession(ILoggerFactory loggers, IServiceScopeFactory scopes) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromMinutes(1);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await SessionStamps.AreGoodAsync(scope.ServiceProvider, authenticationState.User, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The deployment has ended, and its circuits with it; a page that is still open asks the next one for a circuit of its own.
            return false;
        }
    }
}
