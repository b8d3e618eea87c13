using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Web;

/// <summary>Sends a page's queries and commands, each in a scope of its own: a page lives for hours, a unit of work for one command.</summary>
internal sealed class Questions(IServiceScopeFactory scopes)
{
    public async Task<TAnswer> SendAsync<TAnswer>(IRequest<TAnswer> request, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, ct);
    }
}
